// Every word of the page, in every language it speaks. A text that is missing does not compile.
import type { Problem } from './hints';

export const LANGUAGES = ['en', 'it', 'es', 'pt', 'hi'] as const;
export type Language = (typeof LANGUAGES)[number];
export const isLanguage = (value: unknown): value is Language => LANGUAGES.some((language) => language === value);

/** A headline and the sentence that says what to do next. */
interface Notice {
  title: string;
  text: string;
}

export interface Texts {
  loading: string;
  paper: Notice & { tips: [string, string, string] };
  thing: Notice & { tips: [string, string, string] };
  who: string;
  until: (when: string) => string;
  start: { open: string; allow: string; app: string };
  shapes: { legend: string; card: string; passport: string };
  aim: string;
  hints: Record<Problem | 'good', string>;
  shutter: string;
  torch: string;
  back: string;
  review: { title: string; text: string; send: string; again: string; picture: string };
  doubts: Record<'dark' | 'blurred' | 'glare', string>;
  sending: Notice;
  failed: { title: string; offline: string; busy: string; tooLarge: string; notAPicture: string; retry: string };
  sent: Notice;
  used: Notice;
  expired: Notice;
  unknown: Notice;
  unreachable: Notice;
  denied: Notice;
  missing: Notice;
  unreadable: Notice;
  fallback: { take: string; camera: string };
}

export const texts: Record<Language, Texts> = {
  en: {
    loading: 'One moment…',
    paper: {
      title: 'A photo of your identity paper',
      text: 'One clear photo with this phone is enough.',
      tips: ['Lay it on a plain, darker surface.', 'Use even light, with no lamp mirrored in it.', 'Let all four corners show.'],
    },
    thing: {
      title: 'A photo for your request',
      text: 'One clear photo with this phone is enough.',
      tips: ['Go close to what matters.', 'Use even light; switch on a lamp if you need one.', 'Hold the phone still for a moment.'],
    },
    who: 'Programs check it and our team sees it, only for this request.',
    until: (when) => `This link works once, until ${when}.`,
    start: { open: 'Open the camera', allow: 'Your phone will ask about the camera: choose “Allow”.', app: 'Use my camera app instead' },
    shapes: { legend: 'Kind of paper', card: 'Card', passport: 'Passport' },
    aim: 'Bring it inside the frame',
    hints: {
      dark: 'Too dark: find more light',
      closer: 'Closer: fill the frame',
      moving: 'Hold still',
      blurred: 'Blurred: wait, or move back a little',
      glare: 'Reflection: tilt it a little',
      good: 'Good. Take it now',
    },
    shutter: 'Take the photo',
    torch: 'Light',
    back: 'Back',
    review: { title: 'Can you read everything?', text: 'Look at the small print too.', send: 'Send this photo', again: 'Take it again', picture: 'The photo you took' },
    doubts: {
      dark: 'It looks dark. With more light it is easier to read.',
      blurred: 'It looks blurred. A second try is often sharper.',
      glare: 'A reflection hides a part. Tilt it a little and try again.',
    },
    sending: { title: 'Sending your photo', text: 'Please keep this page open.' },
    failed: {
      title: 'Not sent yet',
      offline: 'The connection broke off. Your photo is still here: try again when you are online.',
      busy: 'There is a delay on our side. Your photo is still here: try again in a minute.',
      tooLarge: 'The photo is too large to be sent. Please take it again.',
      notAPicture: 'The photo could not be opened. Please take it again.',
      retry: 'Try again',
    },
    sent: { title: 'Thank you, it is here', text: 'Close this page and go back to WhatsApp. We go on there.' },
    used: { title: 'We have your photo', text: 'This link works once and was used. Go back to WhatsApp; if you want to send another photo, ask there for a new link.' },
    expired: { title: 'This link has run out', text: 'Go back to WhatsApp and ask for a new one. It takes a moment.' },
    unknown: { title: 'We do not know this link', text: 'Go back to WhatsApp and tap the link in our message, or ask for a new one.' },
    unreachable: { title: 'No connection', text: 'We cannot be reached right now. Check that you are online and try again.' },
    denied: { title: 'The camera is not allowed', text: 'Take the photo with your camera app instead. Or allow the camera for this page in the browser’s settings and try again.' },
    missing: { title: 'The camera does not open here', text: 'Take the photo with your camera app instead, or open the link on another phone.' },
    unreadable: { title: 'This file did not open', text: 'It does not seem to be a picture. Please take a photo or choose another.' },
    fallback: { take: 'Take the photo', camera: 'Try the camera again' },
  },
  it: {
    loading: 'Un attimo…',
    paper: {
      title: 'Una foto del tuo documento',
      text: 'Basta una foto nitida con questo telefono.',
      tips: ['Appoggialo su una superficie scura e uniforme.', 'Usa una luce diffusa, senza lampade riflesse.', 'Lascia visibili tutti e quattro gli angoli.'],
    },
    thing: {
      title: 'Una foto per la tua richiesta',
      text: 'Basta una foto nitida con questo telefono.',
      tips: ['Avvicinati a ciò che conta.', 'Usa una luce diffusa; se serve, accendi una lampada.', 'Tieni fermo il telefono per un momento.'],
    },
    who: 'La controllano dei programmi e la vede il nostro team, solo per questa richiesta.',
    until: (when) => `Questo link vale una volta sola, fino a ${when}.`,
    start: { open: 'Apri la fotocamera', allow: 'Il telefono chiederà della fotocamera: scegli «Consenti».', app: 'Usa l’app fotocamera' },
    shapes: { legend: 'Tipo di documento', card: 'Tessera', passport: 'Passaporto' },
    aim: 'Portalo dentro la cornice',
    hints: {
      dark: 'Troppo buio: serve più luce',
      closer: 'Più vicino: riempi la cornice',
      moving: 'Tieni fermo',
      blurred: 'Sfocata: aspetta o allontanati',
      glare: 'Riflesso: inclinalo un poco',
      good: 'Bene. Scatta ora',
    },
    shutter: 'Scatta la foto',
    torch: 'Luce',
    back: 'Indietro',
    review: { title: 'Si legge tutto?', text: 'Guarda anche le scritte piccole.', send: 'Invia questa foto', again: 'Scatta di nuovo', picture: 'La foto che hai scattato' },
    doubts: {
      dark: 'Sembra scura. Con più luce si legge meglio.',
      blurred: 'Sembra sfocata. Al secondo tentativo spesso viene meglio.',
      glare: 'Un riflesso copre una parte. Inclinalo un poco e riprova.',
    },
    sending: { title: 'Invio della foto', text: 'Tieni aperta questa pagina.' },
    failed: {
      title: 'Non ancora inviata',
      offline: 'La connessione si è interrotta. La foto è ancora qui: riprova quando sei in linea.',
      busy: 'C’è un ritardo da parte nostra. La foto è ancora qui: riprova tra un minuto.',
      tooLarge: 'La foto è troppo grande per l’invio. Scattala di nuovo.',
      notAPicture: 'Non siamo riusciti ad aprire la foto. Scattala di nuovo.',
      retry: 'Riprova',
    },
    sent: { title: 'Grazie, è arrivata', text: 'Chiudi questa pagina e torna su WhatsApp. Continuiamo lì.' },
    used: { title: 'Abbiamo la tua foto', text: 'Questo link vale una volta ed è già stato usato. Torna su WhatsApp; per inviare un’altra foto, chiedi lì un nuovo link.' },
    expired: { title: 'Questo link è scaduto', text: 'Torna su WhatsApp e chiedine uno nuovo. Ci vuole un attimo.' },
    unknown: { title: 'Non conosciamo questo link', text: 'Torna su WhatsApp e tocca il link nel nostro messaggio, oppure chiedine uno nuovo.' },
    unreachable: { title: 'Nessuna connessione', text: 'Al momento non siamo raggiungibili. Controlla di essere in linea e riprova.' },
    denied: { title: 'La fotocamera non è consentita', text: 'Scatta la foto con l’app fotocamera. Oppure consenti la fotocamera per questa pagina nelle impostazioni del browser e riprova.' },
    missing: { title: 'La fotocamera qui non si apre', text: 'Scatta la foto con l’app fotocamera, oppure apri il link su un altro telefono.' },
    unreadable: { title: 'Questo file non si apre', text: 'Non sembra una foto. Scattane una o scegline un’altra.' },
    fallback: { take: 'Scatta la foto', camera: 'Riprova la fotocamera' },
  },
  es: {
    loading: 'Un momento…',
    paper: {
      title: 'Una foto de tu documento',
      text: 'Basta una foto nítida con este teléfono.',
      tips: ['Ponlo sobre una superficie lisa y oscura.', 'Usa luz pareja, sin lámparas reflejadas.', 'Deja ver las cuatro esquinas.'],
    },
    thing: {
      title: 'Una foto para tu solicitud',
      text: 'Basta una foto nítida con este teléfono.',
      tips: ['Acércate a lo que importa.', 'Usa luz pareja; si hace falta, enciende una lámpara.', 'Mantén quieto el teléfono un momento.'],
    },
    who: 'La revisan programas y la ve nuestro equipo, solo para esta solicitud.',
    until: (when) => `Este enlace sirve una sola vez, hasta: ${when}.`,
    start: { open: 'Abrir la cámara', allow: 'El teléfono preguntará por la cámara: elige «Permitir».', app: 'Usar mi app de cámara' },
    shapes: { legend: 'Tipo de documento', card: 'Tarjeta', passport: 'Pasaporte' },
    aim: 'Colócalo dentro del marco',
    hints: {
      dark: 'Muy oscuro: busca más luz',
      closer: 'Más cerca: llena el marco',
      moving: 'No lo muevas',
      blurred: 'Borroso: espera o aléjate un poco',
      glare: 'Reflejo: inclínalo un poco',
      good: 'Bien. Toma la foto',
    },
    shutter: 'Tomar la foto',
    torch: 'Luz',
    back: 'Atrás',
    review: { title: '¿Se lee todo?', text: 'Mira también la letra pequeña.', send: 'Enviar esta foto', again: 'Tomarla de nuevo', picture: 'La foto que tomaste' },
    doubts: {
      dark: 'Parece oscura. Con más luz se lee mejor.',
      blurred: 'Parece borrosa. Al segundo intento suele salir mejor.',
      glare: 'Un reflejo tapa una parte. Inclínalo un poco y prueba otra vez.',
    },
    sending: { title: 'Enviando tu foto', text: 'Mantén abierta esta página.' },
    failed: {
      title: 'Aún no se ha enviado',
      offline: 'Se cortó la conexión. Tu foto sigue aquí: prueba otra vez cuando tengas conexión.',
      busy: 'Hay una demora de nuestro lado. Tu foto sigue aquí: prueba otra vez en un minuto.',
      tooLarge: 'La foto es demasiado grande para enviarla. Tómala de nuevo.',
      notAPicture: 'No pudimos abrir la foto. Tómala de nuevo.',
      retry: 'Probar otra vez',
    },
    sent: { title: 'Gracias, ya llegó', text: 'Cierra esta página y vuelve a WhatsApp. Seguimos allí.' },
    used: { title: 'Ya tenemos tu foto', text: 'Este enlace sirve una vez y ya se usó. Vuelve a WhatsApp; si quieres enviar otra foto, pide allí un enlace nuevo.' },
    expired: { title: 'Este enlace ha caducado', text: 'Vuelve a WhatsApp y pide uno nuevo. Es solo un momento.' },
    unknown: { title: 'No conocemos este enlace', text: 'Vuelve a WhatsApp y toca el enlace de nuestro mensaje, o pide uno nuevo.' },
    unreachable: { title: 'Sin conexión', text: 'Ahora no podemos conectarnos. Comprueba que tienes conexión y prueba otra vez.' },
    denied: { title: 'La cámara no está permitida', text: 'Toma la foto con tu app de cámara. O permite la cámara para esta página en los ajustes del navegador y prueba otra vez.' },
    missing: { title: 'La cámara no se abre aquí', text: 'Toma la foto con tu app de cámara, o abre el enlace en otro teléfono.' },
    unreadable: { title: 'Este archivo no se abre', text: 'No parece una foto. Toma una o elige otra.' },
    fallback: { take: 'Tomar la foto', camera: 'Probar otra vez la cámara' },
  },
  pt: {
    loading: 'Um momento…',
    paper: {
      title: 'Uma foto do seu documento',
      text: 'Basta uma foto nítida com este telefone.',
      tips: ['Coloque-o sobre uma superfície lisa e escura.', 'Use luz uniforme, sem lâmpadas refletidas.', 'Deixe ver os quatro cantos.'],
    },
    thing: {
      title: 'Uma foto para o seu pedido',
      text: 'Basta uma foto nítida com este telefone.',
      tips: ['Chegue perto do que importa.', 'Use luz uniforme; se precisar, acenda uma lâmpada.', 'Segure o telefone firme por um momento.'],
    },
    who: 'Programas verificam a foto e a nossa equipe a vê, só para este pedido.',
    until: (when) => `Este link vale uma única vez, até: ${when}.`,
    start: { open: 'Abrir a câmera', allow: 'O telefone vai perguntar sobre a câmera: escolha “Permitir”.', app: 'Usar meu app de câmera' },
    shapes: { legend: 'Tipo de documento', card: 'Cartão', passport: 'Passaporte' },
    aim: 'Coloque dentro da moldura',
    hints: {
      dark: 'Muito escuro: procure mais luz',
      closer: 'Mais perto: preencha a moldura',
      moving: 'Não mova',
      blurred: 'Desfocada: espere ou afaste um pouco',
      glare: 'Reflexo: incline um pouco',
      good: 'Ótimo. Tire a foto agora',
    },
    shutter: 'Tirar a foto',
    torch: 'Luz',
    back: 'Voltar',
    review: { title: 'Dá para ler tudo?', text: 'Olhe também as letras pequenas.', send: 'Enviar esta foto', again: 'Tirar de novo', picture: 'A foto que você tirou' },
    doubts: {
      dark: 'Parece escura. Com mais luz se lê melhor.',
      blurred: 'Parece desfocada. Na segunda tentativa costuma sair melhor.',
      glare: 'Um reflexo cobre uma parte. Incline um pouco e tente de novo.',
    },
    sending: { title: 'Enviando a sua foto', text: 'Mantenha esta página aberta.' },
    failed: {
      title: 'Ainda não foi enviada',
      offline: 'A conexão caiu. A sua foto continua aqui: tente de novo quando tiver conexão.',
      busy: 'Há uma demora do nosso lado. A sua foto continua aqui: tente de novo em um minuto.',
      tooLarge: 'A foto é grande demais para ser enviada. Tire de novo, por favor.',
      notAPicture: 'Não conseguimos abrir a foto. Tire de novo, por favor.',
      retry: 'Tentar de novo',
    },
    sent: { title: 'Agradecemos, a foto chegou', text: 'Feche esta página e volte ao WhatsApp. Continuamos por lá.' },
    used: { title: 'Já temos a sua foto', text: 'Este link vale uma vez e já foi usado. Volte ao WhatsApp; para enviar outra foto, peça lá um novo link.' },
    expired: { title: 'Este link expirou', text: 'Volte ao WhatsApp e peça um novo. É rápido.' },
    unknown: { title: 'Não conhecemos este link', text: 'Volte ao WhatsApp e toque no link da nossa mensagem, ou peça um novo.' },
    unreachable: { title: 'Sem conexão', text: 'Não conseguimos conectar agora. Veja se você está on-line e tente de novo.' },
    denied: { title: 'A câmera não está permitida', text: 'Tire a foto com o seu app de câmera. Ou permita a câmera para esta página nas configurações do navegador e tente de novo.' },
    missing: { title: 'A câmera não abre aqui', text: 'Tire a foto com o seu app de câmera, ou abra o link em outro telefone.' },
    unreadable: { title: 'Este arquivo não abre', text: 'Não parece uma foto. Tire uma ou escolha outra.' },
    fallback: { take: 'Tirar a foto', camera: 'Tentar a câmera de novo' },
  },
  hi: {
    loading: 'एक पल…',
    paper: {
      title: 'आपके पहचान पत्र की फ़ोटो',
      text: 'इस फ़ोन से ली गई एक साफ़ फ़ोटो काफ़ी है।',
      tips: ['इसे सादी, गहरे रंग की सतह पर रखें।', 'रोशनी एक समान हो, लैंप की चमक न पड़े।', 'चारों कोने दिखने दें।'],
    },
    thing: {
      title: 'आपके अनुरोध के लिए एक फ़ोटो',
      text: 'इस फ़ोन से ली गई एक साफ़ फ़ोटो काफ़ी है।',
      tips: ['जो ज़रूरी है उसके पास जाएँ।', 'रोशनी एक समान हो; ज़रूरत हो तो लैंप जलाएँ।', 'फ़ोन को एक पल स्थिर रखें।'],
    },
    who: 'प्रोग्राम इसकी जाँच करते हैं और हमारी टीम इसे देखती है, केवल इसी अनुरोध के लिए।',
    until: (when) => `यह लिंक एक ही बार चलेगा, ${when} तक।`,
    start: { open: 'कैमरा खोलें', allow: 'फ़ोन कैमरे के बारे में पूछेगा: “अनुमति दें” चुनें।', app: 'मेरा कैमरा ऐप इस्तेमाल करें' },
    shapes: { legend: 'पहचान पत्र का प्रकार', card: 'कार्ड', passport: 'पासपोर्ट' },
    aim: 'इसे फ़्रेम के अंदर लाएँ',
    hints: {
      dark: 'बहुत अँधेरा है: रोशनी बढ़ाएँ',
      closer: 'और पास: फ़्रेम को भरें',
      moving: 'हिलाएँ नहीं',
      blurred: 'धुंधला है: रुकें या थोड़ा दूर करें',
      glare: 'चमक पड़ रही है: थोड़ा तिरछा करें',
      good: 'बढ़िया। अब फ़ोटो लें',
    },
    shutter: 'फ़ोटो लें',
    torch: 'लाइट',
    back: 'वापस',
    review: { title: 'क्या सब पढ़ा जा सकता है?', text: 'छोटे अक्षर भी देखें।', send: 'यह फ़ोटो भेजें', again: 'फिर से लें', picture: 'आपकी ली हुई फ़ोटो' },
    doubts: {
      dark: 'फ़ोटो अँधेरी लगती है। ज़्यादा रोशनी में पढ़ना आसान होगा।',
      blurred: 'फ़ोटो धुंधली लगती है। दूसरी बार अक्सर साफ़ आती है।',
      glare: 'चमक से एक हिस्सा छिप गया है। थोड़ा तिरछा करके फिर कोशिश करें।',
    },
    sending: { title: 'आपकी फ़ोटो भेजी जा रही है', text: 'कृपया यह पेज खुला रखें।' },
    failed: {
      title: 'अभी नहीं भेजी गई',
      offline: 'कनेक्शन टूट गया। आपकी फ़ोटो यहीं है: इंटरनेट आने पर फिर कोशिश करें।',
      busy: 'हमारी ओर से देर हो रही है। आपकी फ़ोटो यहीं है: एक मिनट बाद फिर कोशिश करें।',
      tooLarge: 'फ़ोटो भेजने के लिए बहुत बड़ी है। कृपया फिर से लें।',
      notAPicture: 'फ़ोटो खुल नहीं सकी। कृपया फिर से लें।',
      retry: 'फिर कोशिश करें',
    },
    sent: { title: 'धन्यवाद, फ़ोटो मिल गई', text: 'यह पेज बंद करें और WhatsApp पर लौटें। आगे की बात वहीं होगी।' },
    used: { title: 'आपकी फ़ोटो हमारे पास है', text: 'यह लिंक एक बार चलता है और इस्तेमाल हो चुका है। WhatsApp पर लौटें; दूसरी फ़ोटो भेजनी हो तो वहाँ नया लिंक माँगें।' },
    expired: { title: 'इस लिंक का समय पूरा हो गया', text: 'WhatsApp पर लौटें और नया लिंक माँगें। बस एक पल लगेगा।' },
    unknown: { title: 'हम इस लिंक को नहीं पहचानते', text: 'WhatsApp पर लौटें और हमारे संदेश का लिंक दबाएँ, या नया लिंक माँगें।' },
    unreachable: { title: 'कनेक्शन नहीं है', text: 'अभी हमसे संपर्क नहीं हो पा रहा। इंटरनेट जाँचें और फिर कोशिश करें।' },
    denied: { title: 'कैमरे की अनुमति नहीं है', text: 'अपने कैमरा ऐप से फ़ोटो लें। या ब्राउज़र की सेटिंग में इस पेज को कैमरे की अनुमति दें और फिर कोशिश करें।' },
    missing: { title: 'यहाँ कैमरा नहीं खुलता', text: 'अपने कैमरा ऐप से फ़ोटो लें, या लिंक किसी दूसरे फ़ोन पर खोलें।' },
    unreadable: { title: 'यह फ़ाइल नहीं खुली', text: 'यह तस्वीर नहीं लगती। कृपया फ़ोटो लें या दूसरी चुनें।' },
    fallback: { take: 'फ़ोटो लें', camera: 'कैमरा फिर से खोलें' },
  },
};

/** The first of the browser's languages that we speak. */
export function languageOf(preferred: readonly string[]): Language {
  return preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

/** A moment as a person says it: the hour today, with the day otherwise. `locale` may be a region's, as en-GB. */
export function moment(at: Date, now: Date, locale: string, timeZone?: string): string {
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'short', timeZone });
  const isToday = day.format(at) === day.format(now);
  const parts: Intl.DateTimeFormatOptions = isToday ? {} : { weekday: 'short', day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat(locale, { ...parts, hour: '2-digit', minute: '2-digit', timeZone }).format(at);
}

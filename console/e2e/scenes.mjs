// Photographs for the pages to carry, drawn here so that they belong to nobody else:
// vector scenes with light, blur and grain, rendered to JPEG by the browser itself.

/** Light, grain and dark corners over whatever a scene draws. */
function photo(width, height, warm, scene) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs>
  <filter id="grain" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency=".8" numOctaves="2" seed="4"/><feColorMatrix values="0 0 0 0 .5  0 0 0 0 .5  0 0 0 0 .5  0 0 0 .55 -.16"/></filter>
  <filter id="wood" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency=".004 .11" numOctaves="4" seed="9"/><feColorMatrix values=".5 0 0 0 .26  .36 0 0 0 .14  .22 0 0 0 .06  0 0 0 0 1"/></filter>
  <filter id="cloth" x="0" y="0" width="100%" height="100%"><feTurbulence type="turbulence" baseFrequency=".02 .05" numOctaves="4" seed="3"/><feColorMatrix values=".2 0 0 0 .46  .2 0 0 0 .48  .2 0 0 0 .5  0 0 0 0 1"/></filter>
  <filter id="stone" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency=".012" numOctaves="5" seed="12"/><feColorMatrix values=".35 0 0 0 .56  .34 0 0 0 .56  .33 0 0 0 .54  0 0 0 0 1"/></filter>
  <filter id="card" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency=".9 .02" numOctaves="2" seed="2"/><feColorMatrix values="0 0 0 0 .35  0 0 0 0 .22  0 0 0 0 .1  0 0 0 .5 -.18"/><feComposite in2="SourceGraphic" operator="in"/></filter>
  <filter id="soft"><feGaussianBlur stdDeviation="16"/></filter>
  <filter id="far"><feGaussianBlur stdDeviation="9"/></filter>
  <filter id="near"><feGaussianBlur stdDeviation="1.1"/></filter>
  <radialGradient id="sun" cx=".3" cy=".12" r="1"><stop offset="0" stop-color="${warm}" stop-opacity=".5"/><stop offset=".5" stop-color="${warm}" stop-opacity=".05"/><stop offset="1" stop-color="#050810" stop-opacity=".55"/></radialGradient>
</defs>
<g filter="url(#near)">${scene(width, height)}</g>
<rect width="100%" height="100%" fill="url(#sun)"/>
<rect width="100%" height="100%" filter="url(#grain)" opacity=".5"/>
</svg>`;
}

const floor = (filter) => `<rect width="100%" height="100%" filter="url(#${filter})"/>`;
const gradient = (id, stops, more = 'x1="0" y1="0" x2="0" y2="1"') =>
  `<linearGradient id="${id}" ${more}>${stops.map(([at, colour]) => `<stop offset="${at}" stop-color="${colour}"/>`).join('')}</linearGradient>`;

/** A parcel on a doorstep, one corner pushed in. */
const parcel = (w, h) => `${floor('stone')}
<defs>${gradient('top', [[0, '#d9b27c'], [1, '#c0935a']])}${gradient('front', [[0, '#b98a50'], [1, '#8c6233']])}${gradient('side', [[0, '#94693a'], [1, '#664522']])}</defs>
<ellipse cx="${w * 0.53}" cy="${h * 0.83}" rx="${w * 0.42}" ry="${h * 0.1}" fill="#1b140c" opacity=".55" filter="url(#soft)"/>
<path d="M280 470L860 330 1330 460 1250 520 1215 505 735 660Z" fill="url(#top)"/>
<path d="M280 470L735 660 745 1040 300 800Z" fill="url(#side)"/>
<path d="M735 660L1190 512 1150 590 1230 640 1300 600 1290 870 745 1040Z" fill="url(#front)"/>
<path d="M1190 512L1330 460 1300 600 1230 640 1150 590Z" fill="#5d3f20"/>
<path d="M1190 512L1250 560 1330 460M1250 560L1230 640M1250 560L1300 600" stroke="#3a2611" stroke-width="5" fill="none"/>
<path d="M280 470L735 660 745 1040 300 800ZM735 660L1190 512 1290 870 745 1040Z" filter="url(#card)" opacity=".5"/>
<path d="M545 405L1010 580 1012 668 985 678 985 590 515 413Z" fill="#e7d5b2" opacity=".85"/>
<g transform="matrix(.96 -.3 .02 1 800 735)"><rect width="330" height="215" fill="#f4f1ea"/><g fill="#1c1c1e"><rect x="18" y="18" width="120" height="13"/><rect x="18" y="42" width="180" height="8"/><rect x="18" y="60" width="150" height="8"/><rect x="18" y="78" width="164" height="8"/>${Array.from({ length: 46 }, (_, i) => `<rect x="${18 + i * 6.3}" y="118" width="${[2, 4, 1.4, 3][(i * 7) % 4]}" height="74"/>`).join('')}</g><rect x="240" y="18" width="70" height="70" fill="none" stroke="#1c1c1e" stroke-width="7"/><text x="275" y="72" font-family="sans-serif" font-weight="700" font-size="48" text-anchor="middle" fill="#1c1c1e">24</text></g>`;

/** The panel of a washing machine that shows an error. */
const washer = (w, h) => `<defs>${gradient('body', [[0, '#f5f6f6'], [0.5, '#e3e6e8'], [1, '#c6cbd0']])}${gradient('ring', [[0, '#fafbfb'], [0.5, '#8f979e'], [1, '#e6e9eb']], 'x1="0" y1="0" x2="1" y2="1"')}<radialGradient id="glass"><stop offset="0" stop-color="#6d8594"/><stop offset=".6" stop-color="#2a3a45"/><stop offset="1" stop-color="#0e161c"/></radialGradient></defs>
<rect width="${w}" height="${h}" fill="url(#body)"/>
<rect y="330" width="${w}" height="7" fill="#a7aeb4"/><rect y="337" width="${w}" height="4" fill="#fff"/>
<rect x="80" y="86" width="330" height="170" rx="14" fill="#eceeef" stroke="#b4babf" stroke-width="3"/><rect x="110" y="196" width="270" height="30" rx="15" fill="#cfd4d8"/>
<circle cx="640" cy="170" r="105" fill="#1e1e1e" opacity=".2" filter="url(#far)"/><circle cx="640" cy="164" r="98" fill="url(#ring)"/><circle cx="640" cy="164" r="76" fill="#d9dde0"/><rect x="635" y="92" width="10" height="46" rx="5" fill="#3d464d"/>
${Array.from({ length: 12 }, (_, i) => `<circle cx="${640 + 124 * Math.cos((i * Math.PI) / 6)}" cy="${164 + 124 * Math.sin((i * Math.PI) / 6)}" r="4" fill="#6d757b"/>`).join('')}
<rect x="850" y="78" width="430" height="178" rx="18" fill="#0b0e10"/><g font-family="DejaVu Sans Mono, monospace" font-weight="700"><text x="900" y="206" font-size="128" fill="#ff5a36" filter="url(#far)" opacity=".9">E18</text><text x="900" y="206" font-size="128" fill="#ff7d57">E18</text></g><circle cx="1216" cy="118" r="11" fill="#ff5a36"/><path d="M1200 190l16-28 16 28z" fill="#ffb84a"/>
<circle cx="1410" cy="166" r="58" fill="#dfe3e5" stroke="#a9b0b5" stroke-width="4"/><path d="M1398 142v48l38-24z" fill="#5a646b"/>
<circle cx="${w / 2}" cy="880" r="430" fill="#111" opacity=".28" filter="url(#soft)"/><circle cx="${w / 2}" cy="864" r="415" fill="url(#ring)"/><circle cx="${w / 2}" cy="864" r="330" fill="#39434a"/><circle cx="${w / 2}" cy="864" r="312" fill="url(#glass)"/>
<path d="M500 960q140-70 300-10t310-30q-20 150-130 210-190 90-380 0-80-50-100-170z" fill="#9db9c9" opacity=".55"/><path d="M540 1010q120-60 180 0t170-20 160 10q-30 90-120 130-140 60-280 0-90-50-110-120z" fill="#c9534a" opacity=".8"/><path d="M620 1060q90-60 170-20t150-10q-20 70-90 90-110 40-230-60z" fill="#e7e2d6" opacity=".9"/>
<path d="M560 700q90-130 240-150-130 60-190 190z" fill="#fff" opacity=".3"/>`;

/** A phone whose glass broke, on a table. */
const phoneGlass = (w) => {
  const rays = Array.from({ length: 22 }, (_, i) => {
    const angle = (i * 2.4) % 6.283;
    const points = Array.from({ length: 6 }, (__, k) => {
      const far = 30 + k * (60 + ((i * 37) % 70));
      const turn = angle + Math.sin(i * 3 + k * 1.7) * 0.12;
      return `${(250 + far * Math.cos(turn)).toFixed(0)} ${(640 + far * Math.sin(turn)).toFixed(0)}`;
    });
    return `M${points.join('L')}`;
  }).join('');
  return `${floor('wood')}
<defs>${gradient('screen', [[0, '#2b4a75'], [0.5, '#7a5a8c'], [1, '#d98a6a']])}<clipPath id="pane"><rect x="22" y="22" width="516" height="1056" rx="56"/></clipPath></defs>
<g transform="translate(${w * 0.3} 40) rotate(9 280 550)"><rect x="-10" y="34" width="600" height="1110" rx="80" fill="#120b05" opacity=".6" filter="url(#soft)"/>
<rect width="560" height="1100" rx="76" fill="#15171a"/><rect x="4" y="4" width="552" height="1092" rx="72" fill="none" stroke="#5d636a" stroke-width="5"/>
<g clip-path="url(#pane)"><rect x="22" y="22" width="516" height="1056" fill="url(#screen)"/><text x="280" y="300" text-anchor="middle" font-family="sans-serif" font-weight="300" font-size="132" fill="#fff">09:41</text><text x="280" y="360" text-anchor="middle" font-family="sans-serif" font-size="34" fill="#fff" opacity=".9">Tuesday 19 May</text>
<path d="${rays}" stroke="#fff" stroke-width="2.4" fill="none" opacity=".85"/><path d="${rays}" stroke="#000" stroke-width="1.4" fill="none" opacity=".6" transform="translate(2.500 2.500)"/>
<g fill="#fff" opacity=".22"><path d="M250 640l80-150 60 60-40 110z"/><path d="M250 640l-150 60 10 120 110-40z"/><path d="M250 640l120 140-80 130-90-110z"/></g><path d="M226 612l40-12 26 34-22 38-48-8z" fill="#050505" opacity=".85"/>
<path d="M22 22h330L130 1078H22z" fill="#fff" opacity=".09"/></g><rect x="210" y="44" width="140" height="34" rx="17" fill="#050607"/></g>`;
};

/** A receipt that was folded, with its prices. */
const receipt = (w) => {
  const rows = [['2 × Espresso cups', '19,80'], ['Grinder M40', '129,00'], ['Filter paper 100', '4,50'], ['Delivery', '0,00']];
  return `${floor('cloth')}
<defs>${gradient('paper', [[0, '#fdfcf8'], [0.33, '#f3f0e8'], [0.34, '#fbf9f4'], [0.66, '#ece8de'], [0.67, '#f8f6f0'], [1, '#eeeae1']])}</defs>
<g transform="translate(${w * 0.3} 60) rotate(-5 330 550)"><rect x="14" y="24" width="640" height="1110" fill="#0c0e12" opacity=".5" filter="url(#soft)"/><path d="M0 0h660v1100l-33-20-33 20-33-20-33 20-33-20-33 20-33-20-33 20-33-20-33 20-33-20-33 20-33-20-33 20-33-20-33 20-33-20-33 20-33-20-33 20z" fill="url(#paper)"/>
<g font-family="DejaVu Sans Mono, monospace" fill="#26262a"><text x="330" y="100" text-anchor="middle" font-size="44" font-weight="700">BOTTEGA NORD</text><text x="330" y="146" text-anchor="middle" font-size="24">Via dei Mille 12, Torino</text><text x="330" y="182" text-anchor="middle" font-size="24">14.05.2026   17:42   No. 20418</text><path d="M40 220h580" stroke="#26262a" stroke-width="3" stroke-dasharray="12 8"/>
${rows.map(([what, price], i) => `<text x="40" y="${290 + i * 62}" font-size="30">${what}</text><text x="620" y="${290 + i * 62}" font-size="30" text-anchor="end">${price}</text>`).join('')}
<path d="M40 530h580" stroke="#26262a" stroke-width="3" stroke-dasharray="12 8"/><text x="40" y="606" font-size="46" font-weight="700">TOTAL EUR</text><text x="620" y="606" font-size="46" font-weight="700" text-anchor="end">153,30</text><text x="40" y="668" font-size="26">VAT 22 %</text><text x="620" y="668" font-size="26" text-anchor="end">27,64</text><text x="40" y="712" font-size="26">Card ···· 4471</text>
${Array.from({ length: 62 }, (_, i) => `<rect x="${96 + i * 7.6}" y="790" width="${[2, 5, 3, 1.6][(i * 5) % 4]}" height="130"/>`).join('')}<text x="330" y="964" text-anchor="middle" font-size="26">20418 0514 1742</text><text x="330" y="1030" text-anchor="middle" font-size="26">Thank you!</text></g>
<path d="M0 366h660M0 733h660" stroke="#8d897f" stroke-width="2" opacity=".5"/></g>`;
};

/** A cup that arrived in pieces. */
const cup = (w, h) => `${floor('wood')}
<defs>${gradient('glaze', [[0, '#3f7f86'], [0.3, '#8cc4c4'], [0.55, '#4c9199'], [1, '#1f4e57']], 'x1="0" y1="0" x2="1" y2="0"')}</defs>
<ellipse cx="${w * 0.5}" cy="${h * 0.79}" rx="480" ry="90" fill="#0d0703" opacity=".6" filter="url(#soft)"/>
<path d="M1020 520c190-60 250 60 210 170-34 94-130 130-230 110l14-60c80 10 140-16 158-74 22-74-40-118-140-88z" fill="#2f6d75"/>
<path d="M500 420l90 46 60-60 86 74 70-90 72 66 60-54 90 40c10 200-20 380-120 480-100 70-230 70-310 0-90-100-110-300-98-502z" fill="url(#glaze)"/>
<path d="M500 420l90 46 60-60 86 74 70-90 72 66 60-54 90 40-88 40-62 34-74-42-66 76-84-64-58 46z" fill="#f3ece0"/>
<path d="M736 480l-20 130 46 90-34 120" stroke="#123238" stroke-width="5" fill="none"/><path d="M762 700l70 60" stroke="#123238" stroke-width="4" fill="none"/>
<g><path d="M250 900l150-60 90 66-70 90-150-10z" fill="#3d848b"/><path d="M250 900l150-60 30 26-140 64z" fill="#f3ece0"/><path d="M1130 930l120-60 110 80-60 70-140-20z" fill="#4c9199"/><path d="M1250 870l110 80-20 20-106-70z" fill="#f0e8da"/><path d="M620 1040l70-30 50 40-50 40z" fill="#5aa3a8"/><path d="M930 1060l50-34 70 24-36 44z" fill="#efe6d8"/></g>
<path d="M560 520c-10 160 0 270 50 340" stroke="#fff" stroke-width="16" fill="none" opacity=".35" filter="url(#far)"/>`;

/** The trap under a sink, dripping into a bowl. */
const leak = (w, h) => `<defs>${gradient('wall', [[0, '#cfd3cf'], [1, '#8d938f']])}${gradient('chrome', [[0, '#5f676c'], [0.25, '#f7f9fa'], [0.5, '#9aa3a8'], [0.75, '#e3e8ea'], [1, '#4e565b']], 'x1="0" y1="0" x2="1" y2="0"')}</defs>
<rect width="${w}" height="${h}" fill="url(#wall)"/><g opacity=".5">${Array.from({ length: 6 }, (_, i) => `<path d="M0 ${i * 190}h${w}M${120 + i * 290} 0v${h}" stroke="#6d746f" stroke-width="5"/>`).join('')}</g>
<path d="M380 0h840q-20 150-180 170H560Q400 150 380 0z" fill="#f4f5f3"/><path d="M560 170h480q-40 40-120 44H680q-80-4-120-44z" fill="#c9cdca"/>
<rect x="730" y="200" width="140" height="230" fill="url(#chrome)"/><rect x="706" y="300" width="188" height="56" rx="10" fill="url(#chrome)"/>
<path d="M730 430h140v150q0 90 90 90h150q60 0 60-60V430h130v200q0 170-170 170H900q-170 0-170-180z" fill="url(#chrome)"/><rect x="1146" y="380" width="186" height="60" rx="10" fill="url(#chrome)"/>
<path d="M780 356q10 70-6 170 20 60 4 200" stroke="#bfe2f2" stroke-width="9" fill="none" opacity=".8"/><path d="M968 800q-8 40 0 70 14-30 8-70z" fill="#d8eef8"/><ellipse cx="972" cy="930" rx="11" ry="18" fill="#d8eef8"/><ellipse cx="775" cy="360" rx="26" ry="9" fill="#e4f4fb"/>
<ellipse cx="930" cy="1150" rx="460" ry="60" fill="#20262a" opacity=".45" filter="url(#soft)"/><path d="M600 1010h700l-90 170H690z" fill="#b5483c"/><ellipse cx="950" cy="1010" rx="350" ry="52" fill="#d96a5c"/><ellipse cx="950" cy="1016" rx="318" ry="42" fill="#7fa9bb"/><ellipse cx="968" cy="1014" rx="90" ry="13" fill="none" stroke="#e6f5fb" stroke-width="5"/>`;

/** A router with a red light. */
const router = (w, h) => `<rect width="${w}" height="${h}" fill="#d7cfc2"/><rect y="${h * 0.62}" width="${w}" height="${h * 0.38}" filter="url(#wood)"/>
<rect x="90" y="90" width="360" height="520" fill="#8f9c86" filter="url(#far)"/><rect x="1180" y="40" width="260" height="600" fill="#6a7f92" filter="url(#far)"/><circle cx="1290" cy="300" r="90" fill="#c7a35b" filter="url(#soft)"/>
<defs>${gradient('case', [[0, '#34383d'], [1, '#121417']])}</defs><ellipse cx="${w / 2}" cy="1020" rx="560" ry="70" fill="#0a0604" opacity=".7" filter="url(#soft)"/>
<rect x="420" y="200" width="34" height="560" rx="17" fill="#1c1f22" transform="rotate(-8 437 760)"/><rect x="1146" y="200" width="34" height="560" rx="17" fill="#1c1f22" transform="rotate(8 1163 760)"/>
<path d="M300 760q10-60 70-60h860q60 0 70 60l30 210q0 40-40 40H310q-40 0-40-40z" fill="url(#case)"/><path d="M320 760q10-40 50-40h860q40 0 50 40z" fill="#4d5258" opacity=".6"/>
${['#3ddc84', '#3ddc84', '#3a3f44', '#ff3b30', '#3a3f44'].map((c, i) => `<circle cx="${560 + i * 120}" cy="880" r="13" fill="${c}"/>${c.startsWith('#3a') ? '' : `<circle cx="${560 + i * 120}" cy="880" r="36" fill="${c}" opacity=".55" filter="url(#soft)"/>`}`).join('')}
<g font-family="sans-serif" font-size="24" fill="#9aa1a8" text-anchor="middle">${['PWR', 'WLAN', 'LAN', 'DSL', 'TEL'].map((t, i) => `<text x="${560 + i * 120}" y="938">${t}</text>`).join('')}</g>`;

/** The type plate on the back of the machine. */
const plate = (w) => {
  const rows = [['Model', 'WX-700'], ['S/N', 'SN48213X'], ['Voltage', '220-240 V ~ 50 Hz'], ['Power', '2100 W']];
  return `<rect width="100%" height="100%" fill="#c9ced2"/><g opacity=".35" filter="url(#card)"><rect width="100%" height="100%" fill="#8d959b"/></g>
<defs>${gradient('tin', [[0, '#fbfcfc'], [1, '#dfe3e6']])}</defs>
<rect x="206" y="216" width="${w - 400}" height="780" rx="26" fill="#2c3338" opacity=".4" filter="url(#soft)"/><rect x="200" y="200" width="${w - 400}" height="780" rx="26" fill="url(#tin)" stroke="#7d858b" stroke-width="4"/>
${[[240, 240], [w - 240, 240], [240, 940], [w - 240, 940]].map(([x, y]) => `<circle cx="${x}" cy="${y}" r="15" fill="#9aa2a8" stroke="#4e565b" stroke-width="4"/>`).join('')}
<g font-family="DejaVu Sans, sans-serif" fill="#15181a"><text x="300" y="350" font-size="66" font-weight="700">LAVANDA</text>
${rows.map(([name, value], i) => `<text x="300" y="${490 + i * 110}" font-size="54">${name}:</text><text x="640" y="${490 + i * 110}" font-size="58" font-weight="700">${value}</text>`).join('')}</g>`;
};

/** The same machine before somebody switched a light on. */
const unlit = (w, h) => `${washer(w, h)}<rect width="100%" height="100%" fill="#020203" opacity=".955"/>`;

/** ICAO 9303: weights 7, 3, 1 over the values of digits, letters and fillers. */
const checkDigit = (text) =>
  [...text].reduce((sum, char, i) => sum + [7, 3, 1][i % 3] * (char === '<' ? 0 : Number.parseInt(char, 36)), 0) % 10;
const checked = (text) => `${text}${checkDigit(text)}`;

/** A passport of Utopia, which no country has issued; it lies in the frame of the page with the camera. */
const passport = (w, h) => {
  const [number, birth, expiry, personal] = ['X4RTBPFW4', '800101', '310504', '<'.repeat(14)].map(checked);
  const zone = [
    'P<UTOMUSTER<<ERIKA'.padEnd(44, '<'),
    `${number}UTO${birth}F${expiry}${personal}${checkDigit(number + birth + expiry + personal)}`,
  ];
  const fields = [['Surname', 'MUSTER'], ['Given names', 'ERIKA'], ['Nationality', 'UTOPIAN'], ['Date of birth', '01 JAN 1980'], ['Date of expiry', '04 MAY 2031']];
  return `${floor('wood')}<defs>${gradient('page', [[0, '#cbc7ba'], [1, '#bcc4c2']])}</defs>
<g transform="translate(${w / 2 - 500} ${h / 2 - 352}) scale(.77)"><rect x="10" y="16" width="1300" height="914" rx="20" fill="#0d0703" opacity=".6" filter="url(#soft)"/><rect width="1300" height="914" rx="20" fill="url(#page)"/>
<g font-family="DejaVu Sans, sans-serif" fill="#1d2327"><text x="60" y="84" font-size="40" font-weight="700">PASSPORT</text><text x="1240" y="84" font-size="34" text-anchor="end">UTOPIA  SPECIMEN</text>
${fields.map(([name, value], i) => `<text x="470" y="${160 + i * 104}" font-size="24" fill="#4a545b">${name}</text><text x="470" y="${204 + i * 104}" font-size="38">${value}</text>`).join('')}</g>
<rect x="60" y="140" width="340" height="440" fill="#a5afb4"/><circle cx="230" cy="310" r="92" fill="#77838a"/><path d="M80 580q20-150 150-160t150 160z" fill="#77838a"/>
<g font-family="DejaVu Sans Mono, monospace" font-size="46" fill="#111">${zone.map((line, i) => `<text x="44" y="${796 + i * 70}" textLength="1212" lengthAdjust="spacing">${line.replaceAll('<', '&lt;')}</text>`).join('')}</g></g>`;
};

const SCENES = {
  parcel: [1600, 1200, '#ffe6b8', parcel],
  washer: [1600, 1200, '#fff4dc', washer],
  'phone-glass': [1400, 1200, '#ffdca8', phoneGlass],
  receipt: [1400, 1300, '#fff0d0', receipt],
  cup: [1600, 1200, '#ffd9a0', cup],
  leak: [1600, 1250, '#f4fbff', leak],
  router: [1600, 1200, '#ffe2b0', router],
  plate: [1600, 1200, '#ffffff', plate],
  unlit: [1600, 1200, '#000000', unlit],
  passport: [1920, 1080, '#fff4dc', passport],
};

/** The scenes by name, as JPEG files for a file field. */
export async function draw(browser, names = Object.keys(SCENES)) {
  const files = {};
  for (const name of names) {
    const [width, height, warm, scene] = SCENES[name];
    const page = await browser.newPage({ viewport: { width, height } });
    await page.setContent(`<style>*{margin:0}svg{display:block}</style>${photo(width, height, warm, scene)}`);
    files[name] = { name: `${name}.jpg`, mimeType: 'image/jpeg', buffer: await page.screenshot({ type: 'jpeg', quality: 88 }) };
    await page.close();
  }
  return files;
}

//! Screens, receipts and sentences of each language, and text that says nothing.

use super::*;

fn of_text(text: &str) -> Option<&'static str> {
    let lines: Vec<TextLine> = text
        .split('\n')
        .map(|text| TextLine { text: text.to_owned(), confidence: 0.95, quad: [[0.0; 2]; 4], block: 0 })
        .collect();
    of(&lines)
}

#[test]
fn languages_are_told_apart() {
    let known = [
        ("it", "Impostazioni\nAggiornamento non riuscito\nRiprova più tardi"),
        ("it", "SCONTRINO\nTotale € 12,90\nGrazie della visita"),
        ("it", "La lavatrice non scarica e sul display si legge E18"),
        ("en", "Something went wrong\nPlease check your connection and try again"),
        ("en", "Your payment was declined by the bank."),
        ("en", "Order summary\nDelivery address\nTotal"),
        ("es", "Ha ocurrido un error\nInténtelo de nuevo más tarde"),
        ("es", "Su pedido ha sido enviado y llegará mañana"),
        ("es", "Configuración de la red\nNo se puede conectar al dispositivo"),
        ("pt", "Não foi possível concluir o pagamento\nTente novamente"),
        ("pt", "Seu pedido saiu para entrega e chega hoje"),
        ("hi", "भुगतान विफल हो गया, कृपया पुनः प्रयास करें"),
        ("hi", "आपका ऑर्डर रद्द कर दिया गया है"),
        ("de", "Die Verbindung ist fehlgeschlagen\nBitte versuchen Sie es erneut"),
        ("de", "Ihre Bestellung wurde versandt und kommt morgen an"),
        ("fr", "Une erreur est survenue\nVeuillez réessayer plus tard"),
        ("fr", "Votre commande a été expédiée et arrive demain"),
    ];
    let wrong: Vec<_> = known.iter().filter(|(language, text)| of_text(text) != Some(language)).collect();
    let wrong: Vec<_> = wrong.into_iter().map(|(language, text)| (language, text, of_text(text))).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn too_little_says_nothing() {
    for text in
        ["", "E03", "S/N 12345678", "OK", "4111 1111 1111 1111", "Samsung Galaxy", "WAT28400II 230V 50Hz"]
    {
        assert_eq!(of_text(text), None, "{text}");
    }
}

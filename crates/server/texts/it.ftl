file-too-large = Ci dispiace, il file è troppo grande e WhatsApp non ce lo consegna (il limite è 100 MB). Invii un video più breve o un file più piccolo, per favore.
message-unsupported = Ci dispiace, non riusciamo a vedere questo tipo di messaggio. Lo invii come foto, documento o testo, per favore.

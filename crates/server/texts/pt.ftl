file-too-large = Lamentamos, o arquivo é grande demais e o WhatsApp não o entrega (o limite é 100 MB). Por favor, envie um vídeo mais curto ou um arquivo menor.
message-unsupported = Lamentamos, não conseguimos ver este tipo de mensagem. Por favor, envie como foto, documento ou texto.

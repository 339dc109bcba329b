file-too-large = Lo sentimos, el archivo es demasiado grande y WhatsApp no nos lo entrega (el límite es de 100 MB). Envíe un vídeo más corto o un archivo más pequeño, por favor.
message-unsupported = Lo sentimos, no podemos ver este tipo de mensaje. Envíelo como foto, documento o texto, por favor.

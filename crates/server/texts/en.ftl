file-too-large = Sorry, that file is too large for WhatsApp to pass on (the limit is 100 MB). Please send a shorter video or a smaller file.
message-unsupported = Sorry, we cannot see that kind of message. Please send it as a photo, a document or text.

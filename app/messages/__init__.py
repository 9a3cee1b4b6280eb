"""Messages that leave the house: email by SMTP, SMS by a signed hook, and the outbox of development."""

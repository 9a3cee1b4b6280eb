"""What members are told: inbox, news, push, email, SMS."""

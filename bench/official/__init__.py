"""What each official operation is called with, by the part of the product that it belongs to."""

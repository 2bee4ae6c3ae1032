"""What promotions do to prices and to what is kept of them, before they are published."""

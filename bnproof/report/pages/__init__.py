"""What each page of the book says, as documents."""

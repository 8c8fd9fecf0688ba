"""What an answer says: verdicts, advice, evidence."""

"""Small loops that carry rows out: send, receive, and what time brings. Each may stop at any point."""

"""One exchange: its steps, its forms, who may see what of it."""

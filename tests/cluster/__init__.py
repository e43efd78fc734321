"""Several nodes as processes on a real, private RabbitMQ."""

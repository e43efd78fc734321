"""How a federation is founded and joined: keys are made where they stay, and only signed papers travel."""

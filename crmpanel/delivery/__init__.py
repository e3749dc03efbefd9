"""Notifications delivered: digests by e-mail and to webhooks, each once, also after a crash."""

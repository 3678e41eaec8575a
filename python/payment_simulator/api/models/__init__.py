"""What requests and answers hold, as the service's description (OpenAPI) shows it."""

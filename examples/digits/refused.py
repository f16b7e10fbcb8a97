"""A request that is answered with an error."""


class Refused(Exception):
    """Carries the status code, the JSON body that says why, and headers of the answer."""

    def __init__(
        self, status: int, error: str, headers: dict[str, str] | None = None, **details: object
    ) -> None:
        super().__init__(error)
        self.status = status
        self.headers = headers or {}
        self.body = {"error": error, **details}

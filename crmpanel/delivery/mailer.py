"""Mailer: one connection to the mail server for all mails of a run."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage

from crmpanel.delivery.settings import SSL, STARTTLS, Settings
from crmpanel.delivery.words import one_line
from crmpanel.errors import CrmError

#: Seconds that the server may take for one answer.
TIMEOUT = 30.0


class MailServerError(CrmError):
    """The mail server cannot be used at all, by anybody."""


class Mailer:
    """Sends mails; close it, or use it in a ``with``.

    Parameters
    ----------
    settings : where the mail server is.
    timeout : seconds that it may take for one answer.
    """

    def __init__(self, settings: Settings, timeout: float = TIMEOUT) -> None:
        self.settings, self._timeout = settings, timeout
        self._server: smtplib.SMTP | None = None
        self._broken: MailServerError | None = None

    def ready(self) -> None:
        """Connect, unless that is done; raises `MailServerError`, and the same again at once."""
        if self._broken is not None:
            raise self._broken
        if self._server is None:
            try:
                self._server = self._connected()
            except MailServerError as error:
                self._broken = error
                raise

    def send(self, message: EmailMessage, address: str) -> None:
        """Hand a mail to the server.

        Raises
        ------
        CrmError : the server did not take this one; the next may do better.
        MailServerError : it takes none.
        """
        self.ready()
        assert self._server is not None
        sender = self.settings.sender_address.addr_spec
        try:
            self._server.send_message(message, sender, [address])
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refused("The mail server refused the address.", error) from None
        except smtplib.SMTPSenderRefused as error:
            self._broken = MailServerError(
                f"The mail server refused the sender {sender}.", _answer(error), "Change --from."
            )
            raise self._broken from None
        except (smtplib.SMTPDataError, smtplib.SMTPNotSupportedError) as error:
            raise self._refused("The mail server refused the mail.", error) from None
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            why = "It took too long." if _is_late(error) else _answer(error)
            raise CrmError("The connection to the mail server broke.", why) from None

    def _refused(self, what: str, error: Exception) -> CrmError:
        with suppress(smtplib.SMTPException, OSError):
            if self._server is not None:
                self._server.rset()
        return CrmError(what, _answer(error))

    # -- connecting ----------------------------------------------------------------------------

    def _connected(self) -> smtplib.SMTP:
        if not self.settings.smtp:
            raise MailServerError("No mail server is known.", "", "Give --smtp HOST:PORT.")
        where = "{}:{}".format(*self.settings.server)
        try:
            return self._logged_in(self._opened())
        except ConnectionRefusedError:
            remedy = "Start it, or correct --smtp."
            raise self._unusable(f"Nothing answers at {where}.", "", remedy) from None
        except ssl.SSLError as error:
            what = f"No encrypted connection to {where} can be made."
            raise self._unusable(what, _answer(error), "See --starttls, --ssl.") from None
        except smtplib.SMTPAuthenticationError as error:
            what = f"The mail server did not accept the user {self.settings.user!r}."
            remedy = "Correct --user and $CRMPANEL_SMTP_PASSWORD."
            raise self._unusable(what, _answer(error), remedy) from None
        except smtplib.SMTPNotSupportedError as error:
            what = f"The mail server at {where} cannot do what is asked for."
            raise self._unusable(what, _answer(error), "See --starttls, --user.") from None
        except (smtplib.SMTPException, OSError) as error:
            if _is_late(error):
                what = f"The mail server at {where} did not answer in time."
                raise self._unusable(what) from None
            what = f"The mail server at {where} cannot be reached."
            raise self._unusable(what, _answer(error), "Correct --smtp.") from None

    @staticmethod
    def _unusable(what: str, why: str = "", remedy: str = "") -> MailServerError:
        return MailServerError(what, why, remedy)

    def _opened(self) -> smtplib.SMTP:
        host, port = self.settings.server
        if self.settings.tls == SSL:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=context)
        return smtplib.SMTP(host, port, timeout=self._timeout)

    def _logged_in(self, server: smtplib.SMTP) -> smtplib.SMTP:
        try:
            if self.settings.tls == STARTTLS:
                server.starttls(context=ssl.create_default_context())
            if self.settings.user:
                server.login(self.settings.user, self.settings.password)
        except BaseException:
            server.close()
            raise
        return server

    def close(self) -> None:
        """Say goodbye to the server."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def __enter__(self) -> Mailer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_late(error: Exception) -> bool:
    """Whether the server took too long; smtplib makes another error of that."""
    return isinstance(error, TimeoutError) or "timed out" in str(error)


def _answer(error: Exception) -> str:
    """What a server answered, or what the system says, in one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()), (0, b""))
        return _said(code, said)
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return one_line(str(getattr(error, "strerror", None) or error)).rstrip(".") + "."


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"It answered {code} {one_line(text)}".rstrip(".") + "."

"""What can go wrong at the hub, as part of the one tree of errors (assistant/errors.py). ``spoken`` is what the page shows."""
from __future__ import annotations

from assistant.errors import XiangyinError


class HubError(XiangyinError):
    """``status`` is the HTTP status that a page or a box gets."""

    code = "hub"
    status = 500
    spoken = "这里出了点毛病，请稍后再试。"
    fix = "read the hub's log: what went wrong is in it"


class DatabaseUnavailable(HubError):
    code = "hub-database"
    status = 503
    spoken = "数据库这会儿连不上，请稍后再试。"
    fix = "give `xiangyin hub --database` sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, and see that it runs"


class NotSetUp(HubError):
    code = "hub-not-set-up"
    status = 409
    spoken = "村务台还没有开通，请先打开它的网页，写村名、设管理员。"
    fix = "open the hub's address in a browser: the first visit asks for the village and the first administrator"


class NotSignedIn(HubError):
    code = "hub-sign-in"
    status = 401
    spoken = "请先登录。"
    fix = "sign in at /login; a token of a box or of a program may have been revoked"


class NotAllowed(HubError):
    code = "hub-role"
    status = 403
    spoken = "您的身份不能做这件事，请找管理员。"
    fix = "an administrator can change the role under 工作人员"


class NotFound(HubError):
    code = "hub-not-found"
    status = 404
    spoken = "没有找到，可能已经删掉了。"
    fix = "the address is wrong, or it belongs to another village"


class Refused(HubError):
    """What was sent cannot be accepted; the text, in Chinese, tells the person why."""

    code = "hub-refused"
    status = 400
    fix = "correct what the message names"

    @property
    def shown(self) -> str:
        return str(self)


class NoVoice(HubError):
    code = "hub-voice"
    status = 409
    spoken = "这台村务台上没有盒子的嗓音，这里听不了。不影响发通知，盒子照样会念。"
    fix = "on the hub's machine run `xiangyin models fetch voice-zh`, then `xiangyin say 您好 --out hello.wav` to see what is wrong"


class TooLarge(HubError):
    code = "hub-too-large"
    status = 413
    spoken = "发来的东西太大了，请分开发，或者压小一点。"
    fix = "send less at once"


class TooMany(HubError):
    code = "hub-too-many"
    status = 429
    spoken = "试得太多了，请过一会儿再来。"
    fix = "wait for the minutes that Retry-After names; behind a proxy, check that X-Forwarded-For reaches the hub"

    def __init__(self, message: str, wait_s: int) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class AddressTaken(HubError):
    code = "hub-address"
    fix = "another program listens there: choose another --port, or end it"

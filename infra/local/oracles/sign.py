"""Makes a webhook as its vendor would, now, signed by code that is not Omnicord's.

Reads one JSON object from standard input:

    {"source": "wechat-main", "openid": "o…", "elements": {"MsgType": "text", …}}
    {"source": "wecom-main",  "sender": "sys", "elements": {"MsgType": "event", …}}
    {"source": "shop",        "id": "msg_…", "payload": {…}}

Prints {"query": {…}, "headers": {…}, "body": "…"}; of a list of such objects, a list. Secrets come
from the file that the argument names, unless an object has its own under `secret`; `now` is the time
to sign at. NODE_MODULES names the folder with @wecom/crypto.
"""

import datetime as dt
import json
import pathlib
import secrets
import subprocess
import sys
import time

from standardwebhooks import Webhook
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

APP_ID = "wx0123456789abcdef"
CORP_ID = "ww0123456789abcdef"
HERE = pathlib.Path(__file__).parent


def xml(sender, elements, now):
    """Returns a message in the shape that the vendor's documents show."""

    def render(value):
        if isinstance(value, dict):
            return "".join(f"<{name}>{render(inner)}</{name}>" for name, inner in value.items())
        return str(value) if isinstance(value, int) else f"<![CDATA[{value}]]>"

    head = {"ToUserName": "gh_0123456789ab", "FromUserName": sender, "CreateTime": now}
    return f"<xml>{render({**head, **elements})}</xml>"


def envelope(sealed):
    """Returns the outer document of an encrypted message."""
    return f"<xml><ToUserName><![CDATA[x]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"


def wechat(order, secret, now):
    """An Official Account in safe mode, by wechatpy."""
    nonce = secrets.token_hex(8)
    crypto = WeChatCrypto(secret["token"], secret["encoding_aes_key"], APP_ID)
    sealed = crypto.encrypt_message(xml(order["openid"], order["elements"], now), nonce, str(now))
    text, signature = (
        sealed.split(f"<{name}><![CDATA[")[1].split("]]>")[0] for name in ("Encrypt", "MsgSignature")
    )
    signer = WeChatSigner()
    signer.add_data(secret["token"], str(now), nonce)
    query = {"signature": signer.signature, "timestamp": str(now), "nonce": nonce,
             "openid": order["openid"], "encrypt_type": "aes", "msg_signature": signature}
    return {"query": query, "headers": {"content-type": "text/xml"}, "body": envelope(text)}


def wecom(order, secret, now):
    """WeCom, by the vendor's own package."""
    nonce = secrets.token_hex(8)
    task = {"token": secret["token"], "key": secret["encoding_aes_key"], "receiver": CORP_ID,
            "timestamp": str(now), "nonce": nonce,
            "message": xml(order["sender"], order["elements"], now)}
    node = pathlib.Path(sys.executable).parent / "node"
    done = subprocess.run([node, HERE / "sign.mjs"], input=json.dumps(task), text=True,
                          capture_output=True, check=True)
    sealed = json.loads(done.stdout)
    query = {"msg_signature": sealed["signature"], "timestamp": str(now), "nonce": nonce}
    return {"query": query, "headers": {"content-type": "text/xml"},
            "body": envelope(sealed["sealed"])}


def standard_webhooks(order, secret, now):
    """The generic door, by the scheme's reference library."""
    body = json.dumps(order["payload"], ensure_ascii=False)
    moment = dt.datetime.fromtimestamp(now, dt.timezone.utc)
    signature = Webhook(secret["secret"]).sign(order["id"], moment, body)
    headers = {"content-type": "application/json", "webhook-id": order["id"],
               "webhook-timestamp": str(now), "webhook-signature": signature}
    return {"query": {}, "headers": headers, "body": body}


SIGNERS = {"wechat-main": wechat, "wecom-main": wecom, "shop": standard_webhooks}


def main():
    known = json.loads(pathlib.Path(sys.argv[1]).read_text())

    def sign(order):
        now = order.get("now", int(time.time()))
        secret = order.get("secret", known[f"omnicord/{order['source']}"])
        return SIGNERS[order["source"]](order, secret, now)

    given = json.load(sys.stdin)
    signed = [sign(order) for order in given] if isinstance(given, list) else sign(given)
    print(json.dumps(signed, ensure_ascii=False))


if __name__ == "__main__":
    main()

"""Records the requests by which others' clients send what Omnicord sends.

    pip install -r requirements.txt && python record.py

Writes one JSON file for each request beside itself: method, path, query, body, and whether the
token is in a header. Talks to itself alone, on the loopback interface.
"""

import http.server
import json
import pathlib
import threading
import urllib.parse

import pywa
from pywa.types.templates import BodyText, TemplateLanguage
from wechatpy import WeChatClient
from wechatpy.enterprise import WeChatClient as WorkClient

HERE = pathlib.Path(__file__).parent
ANSWER = {"errcode": 0, "errmsg": "ok", "msgid": 1, "access_token": "T", "expires_in": 7200,
          "messages": [{"id": "wamid.1"}], "contacts": [{"input": "1", "wa_id": "1"}]}
SEEN = []


class Recorder(http.server.BaseHTTPRequestHandler):
    def answer(self):
        parts = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        text = self.rfile.read(length)
        SEEN.append({
            "method": self.command,
            "path": parts.path,
            "query": dict(urllib.parse.parse_qsl(parts.query)),
            "authorization": self.headers.get("authorization"),
            "body": json.loads(text) if text else None,
        })
        answer = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


def main():
    server = http.server.HTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"

    def record(name, send):
        SEEN.clear()
        send()
        text = json.dumps(SEEN[-1], ensure_ascii=False, indent=2, sort_keys=True)
        (HERE / f"{name}.json").write_text(text + "\n")

    WeChatClient.API_BASE_URL = f"{base}/cgi-bin/"
    account = WeChatClient("wx0123456789abcdef", "app-secret", access_token="T")
    record("wechat-message", lambda: account.message.send_text("oANNA", "你好 \"A1\""))
    record("wechat-template", lambda: account.message.send_template(
        "oANNA", "T1", {"thing1": {"value": "A1"}, "time2": {"value": "10:00"}},
        url="https://shop.example.com/A1",
        mini_program={"appid": "wxmini", "pagepath": "order?n=A1"}))

    WorkClient.API_BASE_URL = f"{base}/cgi-bin/"
    app = WorkClient("ww0123456789abcdef", "corp-secret")
    fetch = app._fetch_access_token  # its address is no option of the client
    app._fetch_access_token = lambda url, params: fetch(
        base + urllib.parse.urlsplit(url).path, params)
    record("wecom-token", app.fetch_access_token)
    record("wecom-message", lambda: app.message.send_text(1000002, "AgentOne", "Anna waits"))

    number = pywa.WhatsApp(phone_id="106540352242922", token="T", api_version=23.0)
    number.api._session.base_url = f"{base}/v23.0"  # the vendor's address is no option of the client
    record("whatsapp-template", lambda: number.send_template(
        to="+12025550123", name="shipped", language=TemplateLanguage.ENGLISH_US,
        params=[BodyText.params("A1", "10:00")]))
    record("whatsapp-template-to-id", lambda: number.send_template(
        to="US.13491208655302741918", name="hello", language=TemplateLanguage.GERMAN, params=[]))


if __name__ == "__main__":
    main()

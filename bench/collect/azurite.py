"""Azurite for the bench: started, stopped and started again; and its interface, by a signature made once."""

import base64
import hashlib
import hmac
import http.client
import os
import socket
import subprocess
import threading
import time
import urllib.parse

ACCOUNT = "devstoreaccount1"
# Published, the same for every emulator.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
PROGRAM = "node_modules/azurite/dist/src/azurite.js"
# As crates/azurite has it: told to stop, it does not wait for connections that are kept open.
WATCH = """
const http = require('http');
const servers = new Set();
const listen = http.Server.prototype.listen;
http.Server.prototype.listen = function (...given) { servers.add(this); return listen.apply(this, given); };
process.stdin.on('end', () => process.exit(1));
process.stdin.on('data', () => {
  process.kill(process.pid, 'SIGTERM');
  setInterval(() => servers.forEach((server) => server.closeAllConnections()), 20).unref();
});
process.stdin.unref();
"""


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class Azurite:
    """The emulator as a process."""

    def __init__(self, installed, folder):
        self.program = os.path.join(installed, PROGRAM)
        if not os.path.isfile(self.program):
            raise SystemExit(f"{self.program} is not there: `cargo xtask azurite` installs it")
        self.folder = folder
        self.blob_port, self.queue_port, self.table_port = free_port(), free_port(), free_port()
        self.child = None
        self.start()

    def start(self):
        os.makedirs(self.folder, exist_ok=True)
        watch = os.path.join(self.folder, "watch.js")
        with open(watch, "w") as file:
            file.write(WATCH)
        ports = []
        for name, port in [("blob", self.blob_port), ("queue", self.queue_port), ("table", self.table_port)]:
            ports += [f"--{name}Host", "127.0.0.1", f"--{name}Port", str(port)]
        self.log = open(os.path.join(self.folder, "azurite.log"), "ab")
        self.child = subprocess.Popen(
            ["node", "--require", watch, self.program, "--silent", "--disableTelemetry"]
            + ["--location", os.path.join(self.folder, "data")] + ports,
            stdin=subprocess.PIPE, stdout=self.log, stderr=self.log)
        until = time.time() + 60
        for port in (self.blob_port, self.queue_port):
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if time.time() > until or self.child.poll() is not None:
                        raise SystemExit("azurite does not start; see azurite.log")
                    time.sleep(0.05)

    def stop(self):
        """So that it keeps everything: killed, it may forget what it said it had written."""
        self.child.stdin.write(b"stop\n")
        self.child.stdin.flush()
        self.child.wait(60)
        self.log.close()

    def endpoint(self, service):
        port = self.blob_port if service == "blob" else self.queue_port
        return f"http://127.0.0.1:{port}/{ACCOUNT}"


def signature():
    """A signature for everything in the account, for a day.
    https://learn.microsoft.com/rest/api/storageservices/create-account-sas"""
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    parts = {"sv": "2019-12-12", "ss": "bq", "srt": "sco", "sp": "rwdlacup", "se": end}
    text = "\n".join([ACCOUNT, parts["sp"], parts["ss"], parts["srt"], "", end, "", "", parts["sv"], ""])
    digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
    parts["sig"] = base64.b64encode(digest).decode()
    return urllib.parse.urlencode(parts)


class Account:
    """What the bench asks of the emulator. A thread has a connection of its own; what fails is asked again."""

    def __init__(self, azurite):
        self.azurite = azurite
        self.signature = signature()
        self.own = threading.local()

    def ask(self, service, method, path, query="", body=b"", headers=None, good=(200, 201, 202, 204)):
        port = self.azurite.blob_port if service == "blob" else self.azurite.queue_port
        connections = self.own.__dict__.setdefault("connections", {})
        target = f"/{ACCOUNT}/{urllib.parse.quote(path)}?{query}&{self.signature}"
        headers = {"x-ms-version": "2021-08-06", **(headers or {})}
        until = time.time() + 180
        while True:
            try:
                if service not in connections:
                    connections[service] = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connections[service].request(method, target, body, headers)
                answer = connections[service].getresponse()
                text = answer.read()
                if answer.status in good:
                    return answer.status, text
                if answer.status < 500:
                    raise SystemExit(f"{method} {path}: {answer.status} {text[:300]!r}")
            except (OSError, http.client.HTTPException) as error:
                connections.pop(service, None)
                if time.time() > until:
                    raise SystemExit(f"{method} {path}: {error}")
            time.sleep(0.2)

    def create(self, service, name):
        query = "restype=container" if service == "blob" else ""
        self.ask(service, "PUT", name, query, good=(201, 204, 409))

    def put_block(self, container, name, block, body):
        self.ask("blob", "PUT", f"{container}/{name}", f"comp=block&blockid={urllib.parse.quote(block, safe='')}", body)

    def put_block_list(self, container, name, blocks):
        body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>"
        body += "".join(f"<Latest>{block}</Latest>" for block in blocks) + "</BlockList>"
        self.ask("blob", "PUT", f"{container}/{name}", "comp=blocklist", body.encode())

    def put_message(self, queue, text):
        body = base64.b64encode(text.encode()).decode()
        body = f"<QueueMessage><MessageText>{body}</MessageText></QueueMessage>"
        self.ask("queue", "POST", f"{queue}/messages", "", body.encode())

    def get(self, container, name):
        """A blob's bytes, or nothing if it is not there."""
        status, body = self.ask("blob", "GET", f"{container}/{name}", good=(200, 206, 404))
        return body if status != 404 else None

    def names(self, container):
        """The names of all blobs."""
        import xml.etree.ElementTree as tree
        marker = ""
        while True:
            query = f"restype=container&comp=list&marker={urllib.parse.quote(marker, safe='')}"
            page = tree.fromstring(self.ask("blob", "GET", container, query)[1].decode("utf-8-sig"))
            yield from (blob.findtext("Name") for blob in page.iter("Blob"))
            marker = page.findtext("NextMarker") or ""
            if not marker:
                return

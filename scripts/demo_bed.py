# SPDX-License-Identifier: Apache-2.0
# Copyright The OpenChimney contributors
"""What the demo and the system tests share: namespaces, the program and its verbs, nginx.

Runs inside network and mount namespaces of its own (scripts/demo.sh makes them). Hard part:
everything it starts must end with it, and every wait is bounded.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

SCRIPTS = pathlib.Path(__file__).resolve().parent
PEER4, PEER6 = "10.44.0.2", "fd44::2"

NGINX_CONF = """
daemon off;
master_process off;
{user}
pid {dir}/nginx.pid;
error_log {dir}/nginx.log;
events {{ worker_connections 64; }}
http {{
  access_log {dir}/access.log;
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  client_max_body_size 1g;
  client_body_timeout 300s;
  send_timeout 300s;
  keepalive_timeout 300s;
  server {{
    listen {peer4}:80;
    listen [{peer6}]:80;
    root {dir}/www;
    location / {{ dav_methods PUT; create_full_put_path on; }}
  }}
}}
"""


class BedError(Exception):
    """Something that the bed needs did not work; the text says what."""


def run(command, timeout=30, **options):
    """Run to its end; raise with its output when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False,
                          **options)
    if done.returncode:
        raise BedError(f"{' '.join(map(str, command))}: exit {done.returncode}\n"
                       f"{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def in_ns(namespace, command):
    return ["ip", "netns", "exec", namespace, *map(str, command)]


class VerbError(Exception):
    """A verb of chimney failed: exit code and message."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Chimney:
    """The program and its verbs."""

    def __init__(self, binary, folder, device):
        self.binary = str(binary)
        self.device = device
        self.log = pathlib.Path(folder) / "chimney.log"
        self.env = dict(os.environ, CHIMNEY_SOCKET="/run/chimney.sock")
        self.pid = None

    def verb(self, *words, namespace=None, timeout=120):
        command = [self.binary, *map(str, words), "--json"]
        if namespace:
            command = in_ns(namespace, command)
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                              check=False, env=self.env)
        if done.returncode:
            raise VerbError(done.returncode, done.stderr.strip())
        return json.loads(done.stdout)

    def up(self, *options, timeout=120):
        self.log.unlink(missing_ok=True)
        answer = self.verb("up", "-d", self.device, "--netns", "app", "--background", "--log",
                           self.log, *options, namespace="wire", timeout=timeout)
        self.pid = answer["pid"]
        return answer

    def alive(self):
        if not self.pid:
            return False
        try:
            # Its parent has ended: as the first process of the namespace we inherit it.
            return os.waitpid(self.pid, os.WNOHANG)[0] == 0
        except ChildProcessError:
            return pathlib.Path(f"/proc/{self.pid}").exists()

    def down(self, force=False):
        self.verb("down", *(["--force"] if force else []))
        for _ in range(600):
            if not self.alive():
                return True
            time.sleep(0.05)
        return False

    def conn(self, number):
        return self.verb("conn", "show", number)

    def messages(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Bed:
    """Namespaces app, wire and peer, and what runs in them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.children = []
        self.server = None  # nginx

    def make(self):
        run([SCRIPTS / "netns.sh", "make"])

    def patient(self):
        run([SCRIPTS / "netns.sh", "patient"])

    def address(self):
        run([SCRIPTS / "netns.sh", "address"], timeout=60)

    def start(self, namespace, command, **options):
        child = subprocess.Popen(in_ns(namespace, command), **options)
        self.children.append(child)
        return child

    def nginx(self, timeout=10):
        web = self.folder / "nginx"
        shutil.rmtree(web, ignore_errors=True)
        (web / "www").mkdir(parents=True)
        conf = web / "nginx.conf"
        # Root in a user namespace is not allowed to become another user.
        conf.write_text(NGINX_CONF.format(dir=web.resolve(), peer4=PEER4, peer6=PEER6,
                                          user="user root;"))
        log = (web / "stderr.log").open("w")
        child = self.server = self.start("peer", [shutil.which("nginx") or "/usr/sbin/nginx", "-c",
                                    conf.resolve(), "-p", web.resolve()],
                           stdout=log, stderr=log)
        for _ in range(int(timeout / 0.05)):
            if child.poll() is not None:
                raise BedError("nginx: " + (web / "stderr.log").read_text())
            if (web / "nginx.pid").exists() and (web / "nginx.pid").read_text().strip():
                return web / "www"
            time.sleep(0.05)
        raise BedError("nginx did not start")

    def close(self):
        for child in self.children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        until = time.monotonic() + 5
        for child in self.children:
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

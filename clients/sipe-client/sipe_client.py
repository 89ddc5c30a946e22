# SPDX-License-Identifier: MIT OR Apache-2.0
"""Small Python wrapper around the sipe-client binary for tests.

    c = Client(user="alice@example.com", password="pw", server="127.0.0.1:5060", transport="tcp")
    c.wait("signed-on", 10)
    c.wait("plugin-state", 10, state="groupchat-connected")
    c.cmd("rooms"); rooms = c.collect_until("rooms-end", 5)
    c.cmd('join "Engineering"'); c.wait("joined", 5, room="Engineering")
    c.quit()
"""
import json, os, queue, subprocess, threading, time

# the program of the driver: as the environment says (cargo xtask does), else the one built beside this file
BINARY = os.environ.get("SIPE_CLIENT") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "sipe-client")


class Timeout(AssertionError):
    pass


class Client:
    def __init__(self, user, password, server=None, transport="tls", auth="ntlm", name=None, extra=(), binary=None,
                 env=None, stderr=None):
        self.name = name or user.split("@")[0]
        argv = [binary or BINARY, "--user", user, "--transport", transport, "--auth", auth]
        if server:
            argv += ["--server", server]
        e = dict(os.environ, SIPE_PASSWORD=password, LC_ALL="C.UTF-8", **(env or {}))
        self.p = subprocess.Popen(argv + list(extra), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=stderr if stderr is not None else subprocess.DEVNULL, env=e)
        self.q = queue.Queue()
        self.log = []           # every event, in order
        self.pos = 0            # events before this index were consumed by wait()
        threading.Thread(target=self._reader, daemon=True).start()

    def _reader(self):
        for line in self.p.stdout:
            try:
                self.q.put(json.loads(line))
            except ValueError:
                self.q.put({"event": "garbage", "line": line.decode("utf-8", "replace")})
        self.q.put(None)

    def _pump(self, timeout):
        try:
            ev = self.q.get(timeout=timeout)
        except queue.Empty:
            return False
        if ev is None:
            self.q.put(None)
            return False
        self.log.append(ev)
        return True

    def cmd(self, line):
        self.p.stdin.write((line + "\n").encode())
        self.p.stdin.flush()

    def wait(self, event, timeout=10, /, **match):
        """next event (after the last one waited for) with this name and fields"""
        end = time.monotonic() + timeout
        i = self.pos
        while True:
            while i < len(self.log):
                ev = self.log[i]
                i += 1
                if ev["event"] == event and all(ev.get(k) == v for k, v in match.items()):
                    self.pos = i
                    return ev
            left = end - time.monotonic()
            if left <= 0 or not self._pump(left):
                if time.monotonic() < end and self.p.poll() is None:
                    continue
                raise Timeout("%s: no event %s %s within %ss; last events: %s" %
                              (self.name, event, match, timeout, self.log[-5:]))

    def never(self, event, seconds, /, **match):
        try:
            ev = self.wait(event, seconds, **match)
        except Timeout:
            return
        raise AssertionError("%s: unexpected %s" % (self.name, ev))

    def collect_until(self, event, timeout=10, /, **match):
        start = self.pos
        self.wait(event, timeout, **match)
        return self.log[start:self.pos]

    def drain(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._pump(max(0.01, end - time.monotonic()))
        new = self.log[self.pos:]
        self.pos = len(self.log)
        return new

    def quit(self, timeout=10):
        if self.p.poll() is None:
            try:
                self.cmd("quit")
            except (BrokenPipeError, ValueError):
                pass
            try:
                self.p.wait(timeout)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()
        return self.p.returncode

"""A share that misbehaves: passes a folder through, and does to each call what the mood file says at that moment.

ok | hang | slow MS | EIO | ESTALE | flaky ERROR EVERY (each n-th call fails) | half | double | zeros (.ab1 files only:
their size is half or twice the true one, or all that is read of them is zeros)

Each call that it treated so is a line of a file beside the mood file: that a mood was set proves nothing.
"""

import errno
import os
import sys
import time

try:
    from fusepy import FUSE, FuseOSError, Operations
except ImportError:
    from fuse import FUSE, FuseOSError, Operations

STAT = ("st_atime", "st_ctime", "st_gid", "st_ino", "st_mode", "st_mtime", "st_nlink", "st_size", "st_uid")


class Share(Operations):
    def __init__(self, root, mood):
        self.root = root
        self.mood = mood
        self.report = mood + ".report"
        self.calls = 0

    def tell(self, mood):
        with open(self.report, "a") as file:
            file.write(mood + "\n")

    def gate(self):
        waited = False
        while True:
            with open(self.mood) as file:
                words = file.read().split() or ["ok"]
            if words[0] != "hang":
                break
            if not waited:
                self.tell("hang")
            waited = True
            time.sleep(0.02)
        self.calls += 1
        mood = " ".join(words)
        if words[0] == "slow":
            time.sleep(int(words[1]) / 1000)
            self.tell(mood)
        if words[0] in ("EIO", "ESTALE"):
            self.tell(mood)
            raise FuseOSError(getattr(errno, words[0]))
        if words[0] == "flaky" and self.calls % int(words[2]) == 0:
            self.tell(mood)
            raise FuseOSError(getattr(errno, words[1]))
        return words[0]

    def at(self, path):
        return os.path.join(self.root, path.lstrip("/"))

    def getattr(self, path, fh=None):
        mood = self.gate()
        found = os.lstat(self.at(path))
        stat = {key: getattr(found, key) for key in STAT}
        if path.endswith(".ab1") and mood in ("half", "double"):
            stat["st_size"] = stat["st_size"] // 2 if mood == "half" else stat["st_size"] * 2
            self.tell(mood)
        return stat

    def readdir(self, path, fh):
        self.gate()
        return [".", ".."] + os.listdir(self.at(path))

    def open(self, path, flags):
        self.gate()
        return os.open(self.at(path), flags)

    def create(self, path, mode, fi=None):
        self.gate()
        return os.open(self.at(path), os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)

    def read(self, path, size, offset, fh):
        mood = self.gate()
        content = os.pread(fh, size, offset)
        if mood != "zeros" or not path.endswith(".ab1"):
            return content
        self.tell(mood)
        return bytes(len(content))

    def write(self, path, content, offset, fh):
        self.gate()
        return os.pwrite(fh, content, offset)

    def truncate(self, path, length, fh=None):
        self.gate()
        os.truncate(self.at(path), length)

    def rename(self, old, new):
        self.gate()
        os.rename(self.at(old), self.at(new))

    def unlink(self, path):
        self.gate()
        os.unlink(self.at(path))

    def mkdir(self, path, mode):
        self.gate()
        os.mkdir(self.at(path), mode)

    def fsync(self, path, datasync, fh):
        self.gate()
        os.fsync(fh)

    def fsyncdir(self, path, datasync, fh):
        self.gate()

    def chmod(self, path, mode):
        self.gate()
        os.chmod(self.at(path), mode)

    def release(self, path, fh):
        os.close(fh)


if __name__ == "__main__":
    root, mountpoint, mood = sys.argv[1:]
    # Nothing is remembered by the kernel: each call is asked here.
    options = {"attr_timeout": 0, "entry_timeout": 0, "negative_timeout": 0, "direct_io": True, "use_ino": True}
    FUSE(Share(root, mood), mountpoint, foreground=True, raw_fi=False, **options)

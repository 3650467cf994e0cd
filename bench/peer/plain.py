"""What a user would write instead: reads the .ab1 files of a folder with Biopython and sends a message for each.

No queue, no state, no scoring, one file after another: plain.py FOLDER PORT [COUNT]. Prints messages, seconds and
the largest memory in MiB.
"""

import os
import resource
import socket
import sys
import time

from Bio import SeqIO

folder, port = sys.argv[1], int(sys.argv[2])
names = sorted(os.listdir(folder))[: int(sys.argv[3]) if len(sys.argv) > 3 else None]

began = time.monotonic()
lis = socket.create_connection(("127.0.0.1", port))
lis.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for number, name in enumerate(names):
    record = SeqIO.read(os.path.join(folder, name), "abi")
    tags = record.annotations["abif_raw"]
    sample = tags["SMPL1"].decode()
    signal = [max(tags[f"DATA{channel}"]) for channel in (9, 10, 11, 12)]
    at = time.strftime("%Y%m%d%H%M%S")
    message = "\r".join(
        [
            f"MSH|^~\\&|PLAIN|SEQROOM|LIS|HOSP|{at}||ORU^R01^ORU_R01|PLAIN{number:08d}|T|2.5.1",
            "PID|1",
            "OBR|1|||HTLV1CLON",
            f"OBX|1|NM|LENGTH||{len(record.seq)}||||||F",
            f"OBX|2|NM|SIGNAL||{max(signal)}||||||F",
            f"SPM|1|{sample}",
            "",
        ]
    )
    lis.sendall(b"\x0b" + message.encode() + b"\x1c\r")
    answer = b""
    while not answer.endswith(b"\x1c\r"):
        part = lis.recv(65536)
        if not part:
            sys.exit("the receiver closed the connection")
        answer += part
    if f"MSA|AA|PLAIN{number:08d}".encode() not in answer:
        sys.exit("not acknowledged")
seconds = time.monotonic() - began
print(len(names), seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

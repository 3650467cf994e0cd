"""A receiver on python-hl7: says on stdout where it listens, then what it read of each message, as JSON lines.

Usage: python-hl7-reader.py ENCODING
"""

import asyncio
import json
import sys

import hl7
import hl7.mllp

ENCODING = sys.argv[1]


def at(message, segment, nth, field, component, repetition=1):
    """One text as python-hl7 has it; empty where there is none."""
    try:
        return message.extract_field(segment, nth, field, repetition, component)
    except (IndexError, KeyError):
        return ""


def name(message, repetition):
    return " ".join(at(message, "PID", 1, 5, part, repetition) for part in (1, 2)).strip()


async def converse(reader, writer):
    try:
        message = await reader.readmessage()
        kana = name(message, 2) if at(message, "PID", 1, 5, 8, 2) == "P" else ""
        read = {
            "name": name(message, 1),
            "kana": kana,
            "cv": at(message, "OBX", 1, 5, 1),
            "region": at(message, "OBX", 3, 5, 1),
            "status": at(message, "OBX", 1, 11, 1),
        }
        print(json.dumps(read), flush=True)
        writer.writemessage(message.create_ack())
        await writer.drain()
    except asyncio.IncompleteReadError:
        pass
    finally:
        writer.close()


async def main():
    server = await hl7.mllp.start_hl7_server(converse, host="127.0.0.1", port=0, encoding=ENCODING)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())

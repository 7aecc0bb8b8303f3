"""A server of the Remote Execution API that has nothing in common with ours: gRPC's own library, messages made by protoc.

Usage: plain_server.py DIRECTORY-OF-GENERATED-MODULES. Prints its port. Knows the instance "main" only and API 2.0 only;
takes blobs beyond 64 KiB by ByteStream alone; lays each action out below a root of another length, in which equal
files are one inode and all have one age; and forgets all inputs after every 12th action.
"""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent import futures

import grpc

sys.path.insert(0, sys.argv[1])
from build.bazel.remote.execution.v2 import remote_execution_pb2 as re
from google.bytestream import bytestream_pb2 as bs
from google.longrunning import operations_pb2 as lro
from google.rpc import error_details_pb2, status_pb2

API = "build.bazel.remote.execution.v2."
INSTANCE = "main"
BATCH = 64 << 10
blobs = {}
made = set()
lock = threading.Lock()
actions = 0


def digest(data):
    return re.Digest(hash=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


def put(data):
    named = digest(data)
    blobs[named.hash] = data
    return named


def keep(data):
    named = put(data)
    made.add(named.hash)
    return named


def check_instance(name, context):
    if name != INSTANCE:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"no instance {name!r}")


def capabilities(request, context):
    check_instance(request.instance_name, context)
    answer = re.ServerCapabilities()
    answer.cache_capabilities.digest_functions.append(re.DigestFunction.SHA256)
    answer.cache_capabilities.max_batch_total_size_bytes = BATCH
    answer.execution_capabilities.digest_function = re.DigestFunction.SHA256
    answer.execution_capabilities.exec_enabled = True
    answer.low_api_version.major = answer.high_api_version.major = 2
    return answer


def find_missing(request, context):
    check_instance(request.instance_name, context)
    return re.FindMissingBlobsResponse(missing_blob_digests=[d for d in request.blob_digests if d.size_bytes > 0 and d.hash not in blobs])


def update(request, context):
    check_instance(request.instance_name, context)
    if sum(len(r.data) for r in request.requests) > BATCH:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the batch is too large")
    answer = re.BatchUpdateBlobsResponse()
    for one in request.requests:
        assert one.compressor == 0 and put(one.data) == one.digest
        answer.responses.add(digest=one.digest)
    return answer


def batch_read(request, context):
    check_instance(request.instance_name, context)
    answer = re.BatchReadBlobsResponse()
    for one in request.digests:
        answer.responses.add(digest=one, data=blobs[one.hash])
    return answer


def write(requests, context):
    parts = []
    name = None
    for request in requests:
        name = name or request.resource_name
        parts.append(request.data)
    instance, _, _, kind, hash_, size = name.split("/")
    check_instance(instance, context)
    data = b"".join(parts)
    assert kind == "blobs" and put(data).hash == hash_ and len(data) == int(size)
    return bs.WriteResponse(committed_size=len(data))


def read(request, context):
    instance, kind, hash_, _ = request.resource_name.split("/")
    check_instance(instance, context)
    data = blobs[hash_]
    for at in range(0, len(data), 10_000):
        yield bs.ReadResponse(data=data[at : at + 10_000])


class Missing(Exception):
    pass


def fetch(named):
    if named.size_bytes == 0:
        return b""
    if named.hash not in blobs:
        raise Missing(f"blobs/{named.hash}/{named.size_bytes}")
    return blobs[named.hash]


def lay_out(named, place, kept):
    os.makedirs(place, exist_ok=True)
    directory = re.Directory.FromString(fetch(named))
    for file in directory.files:
        path = os.path.join(place, file.name)
        if file.digest.hash in kept:
            os.link(kept[file.digest.hash], path)
            continue
        with open(path, "wb") as out:
            out.write(fetch(file.digest))
        os.utime(path, (0, 0))
        kept[file.digest.hash] = path
    for link in directory.symlinks:
        assert not link.target.startswith("/")
        os.symlink(link.target, os.path.join(place, link.name))
    for below in directory.directories:
        lay_out(below.digest, os.path.join(place, below.name), kept)


def run(action, number):
    command = re.Command.FromString(fetch(action.command_digest))
    outside = tempfile.mkdtemp()
    root = os.path.join(outside, "r" * (1 + number % 60), "root")
    try:
        lay_out(action.input_root_digest, root, {})
        here = os.path.join(root, command.working_directory)
        for name in command.output_files:
            os.makedirs(os.path.dirname(os.path.join(here, name)), exist_ok=True)
        environment = {v.name: v.value for v in command.environment_variables}
        ended = subprocess.run(list(command.arguments), cwd=here, env=environment, capture_output=True, stdin=subprocess.DEVNULL)
        result = re.ActionResult(exit_code=ended.returncode, stdout_digest=keep(ended.stdout), stderr_digest=keep(ended.stderr))
        for name in command.output_files:
            path = os.path.join(here, name)
            if os.path.exists(path):
                with open(path, "rb") as output:
                    result.output_files.add(path=name, digest=keep(output.read()))
        return result
    finally:
        shutil.rmtree(outside)


def execute(request, context):
    global actions
    check_instance(request.instance_name, context)
    with lock:
        actions += 1
        number = actions
    stage = re.ExecuteOperationMetadata(stage=re.ExecutionStage.QUEUED)
    operation = lro.Operation(name=f"operations/{number}")
    operation.metadata.Pack(stage)
    yield operation
    try:
        result = run(re.Action.FromString(fetch(request.action_digest)), number)
        response = re.ExecuteResponse(result=result)
    except Missing as missing:
        detail = error_details_pb2.PreconditionFailure()
        detail.violations.add(type="MISSING", subject=str(missing))
        response = re.ExecuteResponse(status=status_pb2.Status(code=9, message="inputs are missing"))
        response.status.details.add().Pack(detail)
    stage.stage = re.ExecutionStage.COMPLETED
    operation.metadata.Pack(stage)
    operation.done = True
    operation.response.Pack(response)
    yield operation
    if number % 12 == 0:
        for hash_ in set(blobs) - made:
            del blobs[hash_]


def service(name, handlers):
    return grpc.method_handlers_generic_handler(name, handlers)


def unary(function, request):
    return grpc.unary_unary_rpc_method_handler(function, request.FromString, lambda m: m.SerializeToString())


def stream(function, request):
    return grpc.unary_stream_rpc_method_handler(function, request.FromString, lambda m: m.SerializeToString())


server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
server.add_generic_rpc_handlers(
    (
        service(API + "Capabilities", {"GetCapabilities": unary(capabilities, re.GetCapabilitiesRequest)}),
        service(
            API + "ContentAddressableStorage",
            {
                "FindMissingBlobs": unary(find_missing, re.FindMissingBlobsRequest),
                "BatchUpdateBlobs": unary(update, re.BatchUpdateBlobsRequest),
                "BatchReadBlobs": unary(batch_read, re.BatchReadBlobsRequest),
            },
        ),
        service(
            "google.bytestream.ByteStream",
            {
                "Write": grpc.stream_unary_rpc_method_handler(write, bs.WriteRequest.FromString, lambda m: m.SerializeToString()),
                "Read": stream(read, bs.ReadRequest),
            },
        ),
        service(API + "Execution", {"Execute": stream(execute, re.ExecuteRequest)}),
    )
)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
# Whoever started it goes away.
sys.stdin.read()
server.stop(0)

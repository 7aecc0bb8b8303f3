"""Raw requests to a server of the Remote Execution API, with messages made by protoc: good ones and bad ones.

Usage: raw_requests.py HOST:PORT DIRECTORY-OF-GENERATED-MODULES. Prints one line for each check, "ok NAME" or "no NAME: why".
"""
import hashlib
import sys
import threading
import time

import grpc

target, modules = sys.argv[1:3]
sys.path.insert(0, modules)
from build.bazel.remote.execution.v2 import remote_execution_pb2 as re
from google.bytestream import bytestream_pb2 as bs
from google.longrunning import operations_pb2 as lro
from google.rpc import error_details_pb2, status_pb2

API = "/build.bazel.remote.execution.v2."
channel = grpc.insecure_channel(target)


def unary(path, response):
    return channel.unary_unary(path, request_serializer=lambda m: m.SerializeToString(), response_deserializer=response.FromString)


find_missing = unary(API + "ContentAddressableStorage/FindMissingBlobs", re.FindMissingBlobsResponse)
update = unary(API + "ContentAddressableStorage/BatchUpdateBlobs", re.BatchUpdateBlobsResponse)
batch_read = unary(API + "ContentAddressableStorage/BatchReadBlobs", re.BatchReadBlobsResponse)
get_result = unary(API + "ActionCache/GetActionResult", re.ActionResult)
capabilities = unary(API + "Capabilities/GetCapabilities", re.ServerCapabilities)
write = channel.stream_unary("/google.bytestream.ByteStream/Write", request_serializer=lambda m: m.SerializeToString(), response_deserializer=bs.WriteResponse.FromString)
write_status = unary("/google.bytestream.ByteStream/QueryWriteStatus", bs.QueryWriteStatusResponse)
read = channel.unary_stream("/google.bytestream.ByteStream/Read", request_serializer=lambda m: m.SerializeToString(), response_deserializer=bs.ReadResponse.FromString)
execute = channel.unary_stream(API + "Execution/Execute", request_serializer=lambda m: m.SerializeToString(), response_deserializer=lro.Operation.FromString)


def digest(data):
    return re.Digest(hash=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


def store(data):
    named = digest(data)
    response = update(re.BatchUpdateBlobsRequest(requests=[dict(digest=named, data=data)]))
    assert response.responses[0].status.code == 0, response
    return named


def code(call):
    try:
        result = call()
        if hasattr(result, "__iter__") and not hasattr(result, "DESCRIPTOR"):
            list(result)
        return "OK"
    except grpc.RpcError as error:
        return error.code().name


def name_of(named, upload="u"):
    return f"uploads/{upload}/blobs/{named.hash}/{named.size_bytes}"


def action_for(words, root=b"", outputs=("out",), directory="", salt=b""):
    command = re.Command(arguments=words, output_paths=outputs, working_directory=directory,
                         environment_variables=[dict(name="PATH", value="/usr/bin:/bin")])
    action = re.Action(command_digest=store(command.SerializeToString()), input_root_digest=store(root), salt=salt)
    return store(action.SerializeToString())


def run(action, **options):
    operation = list(execute(re.ExecuteRequest(action_digest=action, **options)))[-1]
    response = re.ExecuteResponse()
    assert operation.done and operation.response.Unpack(response), operation
    return response


def check_capabilities():
    answer = capabilities(re.GetCapabilitiesRequest())
    assert answer.execution_capabilities.exec_enabled and 1 in answer.cache_capabilities.digest_functions, answer


def check_blobs():
    data = b"raw" * 1000
    named = digest(data)
    assert len(find_missing(re.FindMissingBlobsRequest(blob_digests=[named, digest(b"")])).missing_blob_digests) == 1
    store(data)
    assert not find_missing(re.FindMissingBlobsRequest(blob_digests=[named])).missing_blob_digests
    assert batch_read(re.BatchReadBlobsRequest(digests=[named])).responses[0].data == data
    pieces = read(bs.ReadRequest(resource_name=f"blobs/{named.hash}/{named.size_bytes}", read_offset=10))
    assert b"".join(piece.data for piece in pieces) == data[10:]


def check_bad_digests():
    data = b"some data"
    good = digest(data)
    for bad in (re.Digest(hash="x", size_bytes=9), re.Digest(hash=good.hash.upper(), size_bytes=9),
                re.Digest(hash=good.hash, size_bytes=8), re.Digest(hash=good.hash[:-1], size_bytes=9),
                digest(b"other")):
        answer = update(re.BatchUpdateBlobsRequest(requests=[dict(digest=bad, data=data)]))
        assert answer.responses[0].status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0], (bad, answer)
    assert len(find_missing(re.FindMissingBlobsRequest(blob_digests=[good])).missing_blob_digests) == 1
    assert code(lambda: find_missing(re.FindMissingBlobsRequest(blob_digests=[re.Digest(hash="../etc", size_bytes=1)]))) == "INVALID_ARGUMENT"
    assert code(lambda: read(bs.ReadRequest(resource_name="blobs/../../etc/passwd/1"))) == "INVALID_ARGUMENT"


def check_uploads():
    data = b"0123456789" * 50000
    named = digest(data)
    half = len(data) // 2
    first = bs.WriteRequest(resource_name=name_of(named), data=data[:half])
    assert write(iter([first])).committed_size == half
    status = write_status(bs.QueryWriteStatusRequest(resource_name=name_of(named)))
    assert status.committed_size == half and not status.complete, status
    rest = bs.WriteRequest(resource_name=name_of(named), write_offset=half, data=data[half:], finish_write=True)
    assert write(iter([rest])).committed_size == len(data)
    wrong = bytes(len(data))
    bad = bs.WriteRequest(resource_name=name_of(digest(b"not that" + wrong), "v"), data=wrong, finish_write=True)
    assert code(lambda: write(iter([bad]))) == "INVALID_ARGUMENT"

    def broken():
        yield bs.WriteRequest(resource_name=name_of(digest(b"broken"), "w"), data=b"bro")
        time.sleep(60)

    call = write.future(broken())
    time.sleep(0.3)
    call.cancel()
    assert len(find_missing(re.FindMissingBlobsRequest(blob_digests=[digest(b"broken")])).missing_blob_digests) == 1


def check_missing_inputs():
    absent = digest(b"absent input")
    root = re.Directory(files=[dict(name="a", digest=absent)], directories=[dict(name="d", digest=digest(b"absent directory"))])
    response = run(action_for(["true"], root.SerializeToString()))
    assert response.status.code == grpc.StatusCode.FAILED_PRECONDITION.value[0], response
    failure = error_details_pb2.PreconditionFailure()
    assert response.status.details[0].Unpack(failure)
    assert all(violation.type == "MISSING" for violation in failure.violations), failure
    assert code(lambda: execute(re.ExecuteRequest(action_digest=digest(b"no action")))) == "FAILED_PRECONDITION"


def check_bad_trees():
    child = store(b"")
    twice = re.Directory(files=[dict(name="a", digest=child), dict(name="a", digest=child)])
    escape = re.Directory(files=[dict(name="../a", digest=child)])
    unsorted = re.Directory(files=[dict(name="b", digest=child), dict(name="a", digest=child)])
    for root in (twice, escape, unsorted):
        response = run(action_for(["true"], root.SerializeToString()))
        assert response.status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0], (root, response)
    assert run(action_for(["true"], directory="not/there")).status.code != 0
    assert code(lambda: run(action_for(["true"], outputs=("../../etc/out",)))) == "INVALID_ARGUMENT"
    link = re.Directory(symlinks=[dict(name="out", target="/tmp")])
    assert run(action_for(["true"], link.SerializeToString(), outputs=("out/x/y",))).status.code != 0


def check_execution():
    data = b"input\n"
    root = re.Directory(files=[dict(name="in", digest=store(data))], directories=[dict(name="deep", digest=store(b""))])
    action = action_for(["sh", "-c", "cat ../in > out/er; echo said; echo warned >&2; exit 3"], root.SerializeToString(), ("out/er",), "deep")
    response = run(action, inline_stdout=True, inline_stderr=True, inline_output_files=["out/er"])
    result = response.result
    assert (result.exit_code, result.stdout_raw, result.stderr_raw) == (3, b"said\n", b"warned\n"), response
    assert result.output_files[0].contents == data, response
    tree = action_for(["sh", "-c", "mkdir -p out/a; echo x > out/a/b; ln -s b out/a/c"], outputs=("out",), salt=b"1")
    directory = run(tree).result.output_directories[0]
    got = batch_read(re.BatchReadBlobsRequest(digests=[directory.tree_digest])).responses[0].data
    assert re.Tree.FromString(got).children[0].files[0].name == "b", got
    assert run(tree).cached_result and not run(action).cached_result
    assert get_result(re.GetActionResultRequest(action_digest=tree)).output_directories


def check_outside():
    words = "cat /etc/shadow; ls /proc/1/root/home; echo x > /etc/x; echo x > /usr/x; cat < /dev/tcp/127.0.0.1/1; true"
    result = run(action_for(["bash", "-c", words + "; id -u; ls -a / > out"]), inline_output_files=["out"]).result
    assert result.exit_code == 0, result


def check_cancelled():
    action = action_for(["sleep", "50"])
    call = execute(re.ExecuteRequest(action_digest=action))
    threading.Timer(0.5, call.cancel).start()
    started = time.time()
    assert code(lambda: call) == "CANCELLED" and time.time() - started < 20
    response = run(action_for(["sh", "-c", "ps ax 2>/dev/null | grep -c '[s]leep 50'; ls /proc | grep -c '^[0-9]'"], outputs=()), inline_stdout=True)
    assert response.result.stdout_raw.split()[0] == b"0", response


def check_same_action_once():
    action = action_for(["sh", "-c", "date +%N > out; sleep 1"])
    results = []
    threads = [threading.Thread(target=lambda: results.append(run(action).result.output_files[0].digest.hash)) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(results) == 5 and len(set(results)) == 1, results


failed = False
for name, check in [(name, value) for name, value in list(globals().items()) if name.startswith("check_")]:
    try:
        check()
        print("ok", name[6:])
    except Exception as error:  # every failure is told, with what it was
        failed = True
        print("no", name[6:] + ":", type(error).__name__, str(error)[:500].replace("\n", " "))
sys.exit(failed)

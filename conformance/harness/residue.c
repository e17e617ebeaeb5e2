#include "residue.h"

#include "helper.h"
#include "host_side.h"
#include "kernel_object.h"
#include "memory.h"
#include "overlapped.h"
#include "peer.h"
#include "peer_process.h"
#include "record.h"
#include "running.h"
#include "socket_handle.h"
#include "socket_list.h"
#include "upcall.h"
#include "wire_connection.h"

/* What a provider may take to give a descriptor back after WSPCloseSocket. */
#define RELEASE_MS 1000

static unsigned long mark;
static HANDLE sentinel; /* an event that only we may close */

void residue_begin(void)
{
    if (!sentinel)
        sentinel = CreateEventW(NULL, TRUE, FALSE, NULL);
    mark = socket_handles_mark();
    socket_list_reset();
    overlapped_reset();
    wire_connections_reset();
    upcall_reset();
}

static void check_descriptors(void)
{
    SOCKET one = INVALID_SOCKET;
    unsigned open;

    if (socket_handles_await_closed(mark, RELEASE_MS))
        return;
    open = socket_handles_open(mark, &one);
    record_finding("each descriptor given back by WPUCloseSocketHandle",
                   "%u descriptor%s of WPUCreateSocketHandle (0x%zx) %s never given "
                   "back by WPUCloseSocketHandle, although all sockets are closed",
                   open,
                   open > 1 ? "s" : "",
                   (size_t)one,
                   open > 1 ? "were" : "was");
}

static void check_threads(void)
{
    int open = upcall_open_threads();

    if (open > 0)
        record_finding("each WPUOpenCurrentThread paired with WPUCloseThread",
                       "%d thread%s opened by WPUOpenCurrentThread inside a call and "
                       "never closed by WPUCloseThread",
                       open,
                       open > 1 ? "s were" : " was");
}

/* A provider that closes handles at random may have closed those of the system's DLLs
 * and the suite's, too: nothing after that means anything. */
static bool handles_are_whole(void)
{
    DWORD flags;

    if (GetHandleInformation(sentinel, &flags))
        return true;
    record_finding("only handles of its own closed",
                   "the provider has closed a handle that belongs to its host");
    return false;
}

enum residue residue_end(struct spi_test *t)
{
    bool whole = handles_are_whole();
    bool joined, complete;

    helpers_check();
    host_side_reset();
    socket_list_close_all(t);
    joined = helpers_join();
    complete = overlapped_all_complete() && joined;
    check_descriptors();
    check_threads();
    memory_check();
    peers_release();
    peer_process_release();
    kernel_objects_release(!complete);
    memory_release(!complete);
    socket_handles_forget();
    if (!joined || !whole)
        return RESIDUE_PROCESS;
    return complete ? RESIDUE_NONE : RESIDUE_OPERATIONS;
}

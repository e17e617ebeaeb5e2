#include "residue.h"

#include "belongings.h"
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

void residue_begin(void)
{
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

/* What a provider has queued for this thread is run now, as long as the case is open.
 */
static void run_apcs(void)
{
    while (SleepEx(0, TRUE) == WAIT_IO_COMPLETION)
        ;
}

/* A provider that closes handles or frees memory at random may have hit the system's
 * DLLs, too: where something of ours is damaged, nothing after that means anything. */
enum residue residue_end(struct spi_test *t)
{
    bool whole = belongings_check();
    bool joined, complete;

    helpers_check();
    host_side_reset();
    socket_list_close_all(t);
    joined = helpers_join();
    complete = overlapped_all_complete() && joined;
    check_descriptors();
    check_threads();
    memory_check();
    run_apcs();
    peers_release();
    peer_process_release();
    kernel_objects_release(!complete);
    memory_release(!complete);
    socket_handles_forget();
    if (!joined || !whole)
        return RESIDUE_PROCESS;
    return complete ? RESIDUE_NONE : RESIDUE_OPERATIONS;
}

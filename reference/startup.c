/* WSPStartup and WSPCleanup, and what the system calls when the DLL comes and goes. */
#include "startup.h"

#include "catalogue.h"
#include "duplicate.h"
#include "error.h"
#include "fault.h"
#include "isotp.h"
#include "lower.h"
#include "memory.h"
#include "proc_table.h"
#include "registry.h"
#include "service.h"
#include "socket.h"
#include "spi.h"
#include "thread.h"
#include "timer.h"

WSPUPCALLTABLE upcalls;
HINSTANCE own_module;

static CRITICAL_SECTION lock; /* one start or end at a time */
static volatile LONG starts;

static const WORD lowest = MAKEWORD(1, 1);
static const WORD highest = MAKEWORD(2, 2);

bool startup_done(void)
{
    return starts > 0;
}

/* The raw words do not compare: the major number is the low byte. */
static unsigned rank(WORD version)
{
    return (unsigned)LOBYTE(version) << 8 | HIBYTE(version);
}

/* --- Starting -------------------------------------------------------------------- */

/* The first start; `info` may be NULL. */
static int start_all(const WSAPROTOCOL_INFOW *info)
{
    int error = thread_start();

    if (error)
        return error;
    error = lower_load(info);
    if (error)
        thread_stop();
    return error;
}

static int start(const WSAPROTOCOL_INFOW *info, const WSPUPCALLTABLE *table)
{
    int error = 0;

    EnterCriticalSection(&lock);
    if (!starts)
        error = start_all(info);
    if (!error) {
        upcalls = *table; /* the newest one counts */
        if (info)
            catalogue_keep(info);
        starts++;
    }
    LeaveCriticalSection(&lock);
    return error;
}

int WSPAPI WSPStartup(WORD wVersionRequested,
                      LPWSPDATA lpWSPData,
                      LPWSAPROTOCOL_INFOW lpProtocolInfo,
                      WSPUPCALLTABLE UpcallTable,
                      LPWSPPROC_TABLE lpProcTable)
{
    int error;

    if (thread_in_callback())
        return WSAEINPROGRESS;
    if (rank(wVersionRequested) < rank(lowest))
        return WSAVERNOTSUPPORTED;
    if (!memory_writable(lpWSPData, sizeof *lpWSPData) ||
        !memory_writable(lpProcTable, sizeof *lpProcTable) ||
        (lpProtocolInfo && !memory_readable(lpProtocolInfo, sizeof *lpProtocolInfo)))
        return WSAEFAULT;
    error = start(lpProtocolInfo, &UpcallTable);
    if (error)
        return error;
    *lpWSPData = (WSPDATA){
        .wVersion =
            rank(wVersionRequested) < rank(highest) ? wVersionRequested : highest,
        .wHighVersion = highest,
        .szDescription = L"wspcheck reference provider",
    };
    *lpProcTable = proc_table;
    return 0;
}

/* --- Ending ---------------------------------------------------------------------- */

/* What is still open ends as if it were closed, but silently. */
static void close_all(void)
{
    SOCKET s;
    struct endpoint *endpoint = registry_any(&s);

    while (endpoint) {
        registry_release(endpoint);
        socket_close(s, false);
        endpoint = registry_any(&s);
    }
    duplicate_clear();
}

static void end_all(void)
{
    close_all();
    service_stop();
    isotp_stop();
    lower_unload();
    thread_stop();
    catalogue_clear();
    registry_clear();
}

int WSPAPI WSPCleanup(LPINT lpErrno)
{
    int error = 0;

    if (thread_in_callback())
        return fail(lpErrno, WSAEINPROGRESS);
    EnterCriticalSection(&lock);
    if (!starts)
        error = WSANOTINITIALISED;
    else if (network_is_down())
        error = WSAENETDOWN;
    else if (starts == 1)
        end_all();
    if (!error)
        starts--;
    LeaveCriticalSection(&lock);
    return finish(lpErrno, error);
}

/* --- The DLL --------------------------------------------------------------------- */

static void initialize(void)
{
    InitializeCriticalSection(&lock);
    catalogue_initialize();
    duplicate_initialize();
    registry_initialize();
    service_initialize();
    timer_initialize();
    isotp_initialize();
    thread_initialize();
}

static void uninitialize(void)
{
    thread_delete();
    isotp_delete();
    timer_delete();
    service_delete();
    registry_delete();
    duplicate_delete();
    catalogue_delete();
    DeleteCriticalSection(&lock);
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    switch (reason) {
    case DLL_PROCESS_ATTACH:
        own_module = instance;
        initialize();
        break;
    case DLL_THREAD_DETACH:
        thread_detach();
        break;
    case DLL_PROCESS_DETACH:
        if (!reserved) /* a process that ends takes all with it */
            uninitialize();
        break;
    }
    return TRUE;
}

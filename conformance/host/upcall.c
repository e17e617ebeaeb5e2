#include "upcall.h"

#include "access.h"
#include "blocking_callback.h"
#include "callback.h"
#include "catalogue.h"
#include "error_name.h"
#include "socket_handle.h"
#include "trace.h"

#include <string.h>

/* WSS_OPERATION_IN_PROGRESS: what Internal holds until an operation is complete. */
#define IN_PROGRESS 0x103

static volatile LONG calls[UPCALL_COUNT];
static volatile LONG open_threads;

/* What the provider is given as WSATHREADID.Reserved of an opened thread: it says
 * whether the thread was one of the suite's. */
enum { OPENED_BY_PROVIDER = 1, OPENED_IN_CALL = 2 };

static void count(enum upcall upcall)
{
    InterlockedIncrement(&calls[upcall]);
}

/* The error is noted in the trace and stored; the result is handed on. */
static int refuse(LPINT lpErrno, int error, const char *what)
{
    const char *name = error_name(error);

    trace_line("%s -> failure, %s (%d)", what, name ? name : "error", error);
    if (is_writable(lpErrno, sizeof *lpErrno))
        *lpErrno = error;
    return SOCKET_ERROR;
}

static BOOL WSPAPI close_event(WSAEVENT event, LPINT lpErrno)
{
    count(UPCALL_CLOSE_EVENT);
    if (!CloseHandle(event)) {
        refuse(lpErrno, WSA_INVALID_HANDLE, "WPUCloseEvent");
        return FALSE;
    }
    trace_line("WPUCloseEvent(0x%zx) -> TRUE", (size_t)event);
    return TRUE;
}

static int WSPAPI close_socket_handle(SOCKET s, LPINT lpErrno)
{
    count(UPCALL_CLOSE_SOCKET_HANDLE);
    if (!socket_handle_close(s))
        return refuse(lpErrno, WSAENOTSOCK, "WPUCloseSocketHandle");
    trace_line("WPUCloseSocketHandle(0x%zx) -> 0", (size_t)s);
    return 0;
}

static WSAEVENT WSPAPI create_event(LPINT lpErrno)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

    count(UPCALL_CREATE_EVENT);
    if (!event)
        refuse(lpErrno, WSA_NOT_ENOUGH_MEMORY, "WPUCreateEvent");
    else
        trace_line("WPUCreateEvent() -> 0x%zx", (size_t)event);
    return event ? event : WSA_INVALID_EVENT;
}

static SOCKET WSPAPI create_socket_handle(DWORD catalog_id,
                                          DWORD_PTR context,
                                          LPINT lpErrno)
{
    SOCKET s = socket_handle_create(catalog_id, context);

    count(UPCALL_CREATE_SOCKET_HANDLE);
    if (s == INVALID_SOCKET) {
        refuse(lpErrno, WSAENOBUFS, "WPUCreateSocketHandle");
        return INVALID_SOCKET;
    }
    trace_line("WPUCreateSocketHandle(catalogue id %lu, context 0x%zx) -> 0x%zx",
               catalog_id,
               (size_t)context,
               (size_t)s);
    return s;
}

static int WSPAPI fd_is_set(SOCKET s, fd_set *set)
{
    int member = 0;

    count(UPCALL_FD_IS_SET);
    if (!is_readable(set, sizeof *set)) {
        trace_line("WPUFDIsSet(0x%zx, a set that cannot be read) -> 0", (size_t)s);
        return 0;
    }
    for (unsigned i = 0; i < set->fd_count && !member; ++i)
        member = set->fd_array[i] == s;
    return member;
}

/* Whether as much as is ever written can be; without length nothing is. */
static bool is_path(const WCHAR *path, int length)
{
    size_t used = length < MAX_PATH ? (size_t)length : MAX_PATH;

    return length <= 0 || is_writable(path, used * sizeof *path);
}

static int WSPAPI get_provider_path(LPGUID provider,
                                    WCHAR *path,
                                    LPINT length,
                                    LPINT lpErrno)
{
    int error;

    count(UPCALL_GET_PROVIDER_PATH);
    if (!is_readable(provider, sizeof *provider) ||
        !is_writable(length, sizeof *length) || !is_path(path, *length))
        return refuse(lpErrno, WSAEFAULT, "WPUGetProviderPath");
    error = catalogue_copy_path(provider, path, length);
    if (error)
        return refuse(lpErrno, error, "WPUGetProviderPath");
    trace_line("WPUGetProviderPath() -> 0");
    return 0;
}

static SOCKET WSPAPI modify_ifs_handle(DWORD catalog_id, SOCKET proposed, LPINT lpErrno)
{
    DWORD flags;

    count(UPCALL_MODIFY_IFS_HANDLE);
    if (!GetHandleInformation((HANDLE)proposed, &flags)) {
        refuse(lpErrno, WSAEINVAL, "WPUModifyIFSHandle");
        return INVALID_SOCKET;
    }
    socket_handle_adopt(catalog_id, proposed);
    trace_line("WPUModifyIFSHandle(catalogue id %lu, 0x%zx) -> the same",
               catalog_id,
               (size_t)proposed);
    return proposed;
}

static BOOL WSPAPI post_message(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    BOOL posted = PostMessageW(window, message, wparam, lparam);

    count(UPCALL_POST_MESSAGE);
    trace_line("WPUPostMessage(0x%zx, %u, socket 0x%zx, event 0x%x, error %u) -> %s",
               (size_t)window,
               message,
               (size_t)wparam,
               (unsigned)WSAGETSELECTEVENT(lparam),
               (unsigned)WSAGETSELECTERROR(lparam),
               posted ? "TRUE" : "FALSE");
    return posted;
}

static int WSPAPI query_blocking_callback(DWORD catalog_id,
                                          LPBLOCKINGCALLBACK *callback,
                                          PDWORD_PTR context,
                                          LPINT lpErrno)
{
    count(UPCALL_QUERY_BLOCKING_CALLBACK);
    if (!is_writable(callback, sizeof *callback) ||
        !is_writable(context, sizeof *context))
        return refuse(lpErrno, WSAEFAULT, "WPUQueryBlockingCallback");
    if (!catalogue_knows(catalog_id))
        return refuse(lpErrno, WSAEINVAL, "WPUQueryBlockingCallback");
    blocking_callback_get(callback, context);
    trace_line("WPUQueryBlockingCallback() -> %s", *callback ? "a callback" : "NULL");
    return 0;
}

static int WSPAPI query_socket_handle_context(SOCKET s,
                                              PDWORD_PTR context,
                                              LPINT lpErrno)
{
    count(UPCALL_QUERY_SOCKET_HANDLE_CONTEXT);
    if (!is_writable(context, sizeof *context))
        return refuse(lpErrno, WSAEFAULT, "WPUQuerySocketHandleContext");
    if (!socket_handle_query(s, context))
        return refuse(lpErrno, WSAENOTSOCK, "WPUQuerySocketHandleContext");
    trace_line(
        "WPUQuerySocketHandleContext(0x%zx) -> 0x%zx", (size_t)s, (size_t)*context);
    return 0;
}

static int WSPAPI queue_apc(LPWSATHREADID thread,
                            LPWSAUSERAPC function,
                            DWORD_PTR context,
                            LPINT lpErrno)
{
    count(UPCALL_QUEUE_APC);
    if (!is_readable(thread, sizeof *thread) || !function ||
        !QueueUserAPC((PAPCFUNC)function, thread->ThreadHandle, context))
        return refuse(lpErrno, WSAEFAULT, "WPUQueueApc");
    trace_line("WPUQueueApc() -> 0");
    return 0;
}

static BOOL WSPAPI reset_event(WSAEVENT event, LPINT lpErrno)
{
    count(UPCALL_RESET_EVENT);
    if (ResetEvent(event))
        return TRUE;
    refuse(lpErrno, WSA_INVALID_HANDLE, "WPUResetEvent");
    return FALSE;
}

static BOOL WSPAPI set_event(WSAEVENT event, LPINT lpErrno)
{
    count(UPCALL_SET_EVENT);
    if (SetEvent(event))
        return TRUE;
    refuse(lpErrno, WSA_INVALID_HANDLE, "WPUSetEvent");
    return FALSE;
}

static int WSPAPI open_current_thread(LPWSATHREADID thread, LPINT lpErrno)
{
    HANDLE self = GetCurrentProcess();

    count(UPCALL_OPEN_CURRENT_THREAD);
    if (!is_writable(thread, sizeof *thread) || !DuplicateHandle(self,
                                                                 GetCurrentThread(),
                                                                 self,
                                                                 &thread->ThreadHandle,
                                                                 0,
                                                                 FALSE,
                                                                 DUPLICATE_SAME_ACCESS))
        return refuse(lpErrno, WSAEFAULT, "WPUOpenCurrentThread");
    thread->Reserved = OPENED_BY_PROVIDER;
    if (call_serial(GetCurrentThreadId())) {
        thread->Reserved = OPENED_IN_CALL;
        InterlockedIncrement(&open_threads);
    }
    trace_line("WPUOpenCurrentThread() -> 0");
    return 0;
}

static int WSPAPI close_thread(LPWSATHREADID thread, LPINT lpErrno)
{
    count(UPCALL_CLOSE_THREAD);
    if (!is_readable(thread, sizeof *thread) || !CloseHandle(thread->ThreadHandle))
        return refuse(lpErrno, WSAEFAULT, "WPUCloseThread");
    if (thread->Reserved == OPENED_IN_CALL)
        InterlockedDecrement(&open_threads);
    trace_line("WPUCloseThread() -> 0");
    return 0;
}

/* InternalHigh first, then Internal, as documented; Offset and OffsetHigh belong to the
 * provider, which keeps flags and error there. */
int WSPAPI upcall_complete_overlapped_request(
    SOCKET s, LPWSAOVERLAPPED overlapped, DWORD error, DWORD bytes, LPINT lpErrno)
{
    HANDLE event;

    count(UPCALL_COMPLETE_OVERLAPPED_REQUEST);
    if (!is_writable(overlapped, sizeof *overlapped))
        return refuse(lpErrno, WSAEINVAL, "WPUCompleteOverlappedRequest");
    event = overlapped->hEvent;
    trace_line("WPUCompleteOverlappedRequest(0x%zx, 0x%zx, error %lu, %lu bytes) -> 0",
               (size_t)s,
               (size_t)overlapped,
               error,
               bytes);
    overlapped->InternalHigh = bytes;
    MemoryBarrier();
    overlapped->Internal = error == IN_PROGRESS ? WSASYSCALLFAILURE : error;
    MemoryBarrier();
    if (event)
        SetEvent(event);
    return 0;
}

static const WSPUPCALLTABLE table = {
    .lpWPUCloseEvent = close_event,
    .lpWPUCloseSocketHandle = close_socket_handle,
    .lpWPUCreateEvent = create_event,
    .lpWPUCreateSocketHandle = create_socket_handle,
    .lpWPUFDIsSet = fd_is_set,
    .lpWPUGetProviderPath = get_provider_path,
    .lpWPUModifyIFSHandle = modify_ifs_handle,
    .lpWPUPostMessage = post_message,
    .lpWPUQueryBlockingCallback = query_blocking_callback,
    .lpWPUQuerySocketHandleContext = query_socket_handle_context,
    .lpWPUQueueApc = queue_apc,
    .lpWPUResetEvent = reset_event,
    .lpWPUSetEvent = set_event,
    .lpWPUOpenCurrentThread = open_current_thread,
    .lpWPUCloseThread = close_thread,
};

static const char *const names[UPCALL_COUNT] = {
    "WPUCloseEvent",
    "WPUCloseSocketHandle",
    "WPUCreateEvent",
    "WPUCreateSocketHandle",
    "WPUFDIsSet",
    "WPUGetProviderPath",
    "WPUModifyIFSHandle",
    "WPUPostMessage",
    "WPUQueryBlockingCallback",
    "WPUQuerySocketHandleContext",
    "WPUQueueApc",
    "WPUResetEvent",
    "WPUSetEvent",
    "WPUOpenCurrentThread",
    "WPUCloseThread",
    "WPUCompleteOverlappedRequest",
};

const WSPUPCALLTABLE *upcall_table(void)
{
    return callback_upcalls(&table);
}

const char *upcall_name(enum upcall upcall)
{
    return names[upcall];
}

enum upcall upcall_named(const char *name)
{
    int upcall = 0;

    while (upcall < UPCALL_COUNT && strcmp(names[upcall], name))
        ++upcall;
    return (enum upcall)upcall;
}

unsigned upcall_calls(enum upcall upcall)
{
    return (unsigned)calls[upcall];
}

void upcall_reset(void)
{
    for (int i = 0; i < UPCALL_COUNT; ++i)
        InterlockedExchange(&calls[i], 0);
    InterlockedExchange(&open_threads, 0);
    callback_reset();
}

int upcall_open_threads(void)
{
    return open_threads;
}

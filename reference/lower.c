#include "lower.h"

#include "startup.h"

WSPPROC_TABLE lower;

static HMODULE module;

/* --- The upcalls of a client that wants no service beyond its own handles -------- */

static SOCKET WSPAPI modify_handle(DWORD entry, SOCKET proposed, LPINT error)
{
    (void)entry;
    (void)error;
    return proposed;
}

static int WSPAPI query_blocking_callback(DWORD entry,
                                          LPBLOCKINGCALLBACK *callback,
                                          PDWORD_PTR context,
                                          LPINT error)
{
    (void)entry;
    (void)error;
    *callback = NULL;
    *context = 0;
    return 0;
}

static BOOL WSPAPI post_message(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    return PostMessageW(window, message, wparam, lparam);
}

static int WSPAPI queue_apc(LPWSATHREADID thread,
                            LPWSAUSERAPC apc,
                            DWORD_PTR context,
                            LPINT error)
{
    if (QueueUserAPC(apc, thread->ThreadHandle, context))
        return 0;
    *error = WSAEFAULT;
    return SOCKET_ERROR;
}

static WSAEVENT WSPAPI create_event(LPINT error)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

    if (!event)
        *error = WSA_NOT_ENOUGH_MEMORY;
    return event;
}

static BOOL event_result(BOOL done, LPINT error)
{
    if (!done)
        *error = WSA_INVALID_HANDLE;
    return done;
}

static BOOL WSPAPI close_event(WSAEVENT event, LPINT error)
{
    return event_result(CloseHandle(event), error);
}

static BOOL WSPAPI set_event(WSAEVENT event, LPINT error)
{
    return event_result(SetEvent(event), error);
}

static BOOL WSPAPI reset_event(WSAEVENT event, LPINT error)
{
    return event_result(ResetEvent(event), error);
}

static int WSPAPI is_set(SOCKET s, fd_set *set)
{
    for (u_int i = 0; i < set->fd_count; i++) {
        if (set->fd_array[i] == s)
            return TRUE;
    }
    return FALSE;
}

/* What only a provider with descriptors that are no handles, or one with further layers
 * below it, asks for; a lower provider is neither. */

static SOCKET WSPAPI create_handle(DWORD entry, DWORD_PTR context, LPINT error)
{
    (void)entry;
    (void)context;
    *error = WSAENOBUFS;
    return INVALID_SOCKET;
}

static int WSPAPI close_handle(SOCKET s, LPINT error)
{
    (void)s;
    *error = WSAENOTSOCK;
    return SOCKET_ERROR;
}

static int WSPAPI query_handle(SOCKET s, PDWORD_PTR context, LPINT error)
{
    (void)s;
    (void)context;
    *error = WSAENOTSOCK;
    return SOCKET_ERROR;
}

static int WSPAPI provider_path(LPGUID id, WCHAR *path, LPINT length, LPINT error)
{
    (void)id;
    (void)path;
    (void)length;
    *error = WSAEINVAL;
    return SOCKET_ERROR;
}

static int WSPAPI open_thread(LPWSATHREADID thread, LPINT error)
{
    HANDLE process = GetCurrentProcess();

    thread->Reserved = 0;
    if (DuplicateHandle(process,
                        GetCurrentThread(),
                        process,
                        &thread->ThreadHandle,
                        0,
                        FALSE,
                        DUPLICATE_SAME_ACCESS))
        return 0;
    *error = WSAENOBUFS;
    return SOCKET_ERROR;
}

static int WSPAPI close_thread(LPWSATHREADID thread, LPINT error)
{
    return event_result(CloseHandle(thread->ThreadHandle), error) ? 0 : SOCKET_ERROR;
}

static const WSPUPCALLTABLE client_upcalls = {
    .lpWPUCloseEvent = close_event,
    .lpWPUCloseSocketHandle = close_handle,
    .lpWPUCreateEvent = create_event,
    .lpWPUCreateSocketHandle = create_handle,
    .lpWPUFDIsSet = is_set,
    .lpWPUGetProviderPath = provider_path,
    .lpWPUModifyIFSHandle = modify_handle,
    .lpWPUPostMessage = post_message,
    .lpWPUQueryBlockingCallback = query_blocking_callback,
    .lpWPUQuerySocketHandleContext = query_handle,
    .lpWPUQueueApc = queue_apc,
    .lpWPUResetEvent = reset_event,
    .lpWPUSetEvent = set_event,
    .lpWPUOpenCurrentThread = open_thread,
    .lpWPUCloseThread = close_thread,
};

/* --- Loading --------------------------------------------------------------------- */

#define DEFAULT_NAME L"wsbridge.dll"

/* Fills `path` (MAX_PATH characters); false if the path is longer. */
static bool lower_path(WCHAR *path)
{
    DWORD length = GetEnvironmentVariableW(L"WSPREF_LOWER", path, MAX_PATH);

    if (length)
        return length < MAX_PATH;
    length = GetModuleFileNameW(own_module, path, MAX_PATH);
    while (length && path[length - 1] != L'\\' && path[length - 1] != L'/')
        length--;
    if (length + sizeof DEFAULT_NAME / sizeof(WCHAR) > MAX_PATH)
        return false;
    memcpy(path + length, DEFAULT_NAME, sizeof DEFAULT_NAME);
    return true;
}

WSAPROTOCOL_INFOW lower_entry(const WSAPROTOCOL_INFOW *entry)
{
    WSAPROTOCOL_INFOW copy = *entry;

    copy.dwServiceFlags1 |= XP1_IFS_HANDLES;
    copy.dwProviderReserved = 0;
    return copy;
}

static bool start(const WSAPROTOCOL_INFOW *entry)
{
    LPWSPSTARTUP startup =
        (LPWSPSTARTUP)(void (*)(void))GetProcAddress(module, "WSPStartup");
    WSAPROTOCOL_INFOW info = {0};
    WSPDATA data;

    if (entry)
        info = lower_entry(entry);
    return startup &&
           startup(
               MAKEWORD(2, 2), &data, entry ? &info : NULL, client_upcalls, &lower) ==
               0;
}

int lower_load(const WSAPROTOCOL_INFOW *entry)
{
    WCHAR path[MAX_PATH];

    if (!lower_path(path))
        return WSASYSNOTREADY;
    module = LoadLibraryW(path);
    if (!module)
        return WSASYSNOTREADY;
    if (start(entry))
        return 0;
    FreeLibrary(module);
    return WSASYSNOTREADY;
}

void lower_unload(void)
{
    int error;

    lower.lpWSPCleanup(&error);
    FreeLibrary(module);
}

/* --- Short forms ----------------------------------------------------------------- */

int lower_set_nonblocking(SOCKET s)
{
    u_long on = 1;
    DWORD bytes;
    int error;

    if (lower.lpWSPIoctl(
            s, FIONBIO, &on, sizeof on, NULL, 0, &bytes, NULL, NULL, NULL, &error))
        return error;
    return 0;
}

int lower_set_hard_close(SOCKET s)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    int error;

    if (lower.lpWSPSetSockOpt(
            s, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard, &error))
        return error;
    return 0;
}

void lower_close(SOCKET s)
{
    int error;

    lower.lpWSPCloseSocket(s, &error);
}

static fd_set one(SOCKET s, bool wanted)
{
    return (fd_set){.fd_count = wanted, .fd_array = {s}};
}

long lower_poll(SOCKET s, long mask)
{
    fd_set readable = one(s, mask & FD_READ);
    fd_set writable = one(s, mask & FD_WRITE);
    fd_set exceptional = one(s, mask & FD_OOB);
    struct timeval at_once = {0, 0};
    int error;

    if (lower.lpWSPSelect(0,
                          mask & FD_READ ? &readable : NULL,
                          mask & FD_WRITE ? &writable : NULL,
                          mask & FD_OOB ? &exceptional : NULL,
                          &at_once,
                          &error) == SOCKET_ERROR)
        return 0;
    return (readable.fd_count ? FD_READ : 0) | (writable.fd_count ? FD_WRITE : 0) |
           (exceptional.fd_count ? FD_OOB : 0);
}

/* The client's side of the SPI, with nothing in it that costs. */
#include "bench.h"

#include <stdlib.h>

/* Descriptors are multiples of four, as handles are, and lie above all handles of a
 * small process. */
#define FIRST_SOCKET ((SOCKET)0x100000)
#define SOCKETS_MAX 16384

struct slot {
    DWORD_PTR context;
    bool used;
    unsigned next_free;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct slot slots[SOCKETS_MAX];
static unsigned fresh = 1; /* slot 0 ends the list of free ones */
static unsigned first_free;

static struct slot *slot_of(SOCKET s)
{
    SOCKET index = (s - FIRST_SOCKET) / 4;

    if (s % 4 || index >= SOCKETS_MAX || !slots[index].used)
        return NULL;
    return &slots[index];
}

static SOCKET WSPAPI create_socket_handle(DWORD dwCatalogEntryId,
                                          DWORD_PTR dwContext,
                                          LPINT lpErrno)
{
    unsigned index;

    (void)dwCatalogEntryId;
    AcquireSRWLockExclusive(&lock);
    index = first_free;
    if (index)
        first_free = slots[index].next_free;
    else if (fresh < SOCKETS_MAX)
        index = fresh++;
    if (index)
        slots[index] = (struct slot){.context = dwContext, .used = true};
    ReleaseSRWLockExclusive(&lock);
    if (!index) {
        *lpErrno = WSAENOBUFS;
        return INVALID_SOCKET;
    }
    return FIRST_SOCKET + 4 * (SOCKET)index;
}

static int WSPAPI close_socket_handle(SOCKET s, LPINT lpErrno)
{
    struct slot *slot;

    AcquireSRWLockExclusive(&lock);
    slot = slot_of(s);
    if (slot) {
        slot->used = false;
        slot->next_free = first_free;
        first_free = (unsigned)(slot - slots);
    }
    ReleaseSRWLockExclusive(&lock);
    if (!slot) {
        *lpErrno = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    return 0;
}

static int WSPAPI query_socket_handle_context(SOCKET s,
                                              PDWORD_PTR lpContext,
                                              LPINT lpErrno)
{
    const struct slot *slot;

    AcquireSRWLockShared(&lock);
    slot = slot_of(s);
    if (slot)
        *lpContext = slot->context;
    ReleaseSRWLockShared(&lock);
    if (!slot) {
        *lpErrno = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    return 0;
}

static SOCKET WSPAPI modify_ifs_handle(DWORD dwCatalogEntryId,
                                       SOCKET ProposedHandle,
                                       LPINT lpErrno)
{
    (void)dwCatalogEntryId;
    (void)lpErrno;
    return ProposedHandle;
}

static BOOL checked(BOOL result, int *error)
{
    if (!result)
        *error = (int)GetLastError();
    return result;
}

static WSAEVENT WSPAPI create_event(LPINT lpErrno)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

    checked(event != NULL, lpErrno);
    return event;
}

static BOOL WSPAPI close_event(WSAEVENT hEvent, LPINT lpErrno)
{
    return checked(CloseHandle(hEvent), lpErrno);
}

static BOOL WSPAPI set_event(WSAEVENT hEvent, LPINT lpErrno)
{
    return checked(SetEvent(hEvent), lpErrno);
}

static BOOL WSPAPI reset_event(WSAEVENT hEvent, LPINT lpErrno)
{
    return checked(ResetEvent(hEvent), lpErrno);
}

static int WSPAPI fd_is_set(SOCKET s, fd_set *fdset)
{
    for (u_int i = 0; i < fdset->fd_count; i++) {
        if (fdset->fd_array[i] == s)
            return 1;
    }
    return 0;
}

static int WSPAPI get_provider_path(LPGUID lpProviderId,
                                    WCHAR *lpszProviderDllPath,
                                    LPINT lpProviderDllPathLen,
                                    LPINT lpErrno)
{
    (void)lpProviderId;
    (void)lpszProviderDllPath;
    (void)lpProviderDllPathLen;
    *lpErrno = WSAEINVAL;
    return SOCKET_ERROR;
}

static BOOL WSPAPI post_message(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return PostMessageW(hWnd, Msg, wParam, lParam);
}

static int WSPAPI query_blocking_callback(DWORD dwCatalogEntryId,
                                          LPBLOCKINGCALLBACK *lplpfnCallback,
                                          PDWORD_PTR lpdwContext,
                                          LPINT lpErrno)
{
    (void)dwCatalogEntryId;
    (void)lpErrno;
    *lplpfnCallback = NULL;
    *lpdwContext = 0;
    return 0;
}

static int WSPAPI queue_apc(LPWSATHREADID lpThreadId,
                            LPWSAUSERAPC lpfnUserApc,
                            DWORD_PTR dwContext,
                            LPINT lpErrno)
{
    BOOL queued =
        QueueUserAPC((PAPCFUNC)lpfnUserApc, lpThreadId->ThreadHandle, dwContext) != 0;

    return checked(queued, lpErrno) ? 0 : SOCKET_ERROR;
}

static int WSPAPI open_current_thread(LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    HANDLE process = GetCurrentProcess();
    BOOL opened = DuplicateHandle(process,
                                  GetCurrentThread(),
                                  process,
                                  &lpThreadId->ThreadHandle,
                                  0,
                                  FALSE,
                                  DUPLICATE_SAME_ACCESS);

    return checked(opened, lpErrno) ? 0 : SOCKET_ERROR;
}

static int WSPAPI close_thread(LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    return checked(CloseHandle(lpThreadId->ThreadHandle), lpErrno) ? 0 : SOCKET_ERROR;
}

WSPUPCALLTABLE host_upcalls(void)
{
    return (WSPUPCALLTABLE){
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
}

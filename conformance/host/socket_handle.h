/* The descriptors that the host hands out or knows, as ws2_32 does for real. */
#ifndef WSPCHECK_SOCKET_HANDLE_H
#define WSPCHECK_SOCKET_HANDLE_H

#include <stdbool.h>

#include "win.h"

/* Whose a descriptor is. */
enum handle_model {
    HANDLES_UNKNOWN,  /* no upcall told of it */
    HANDLES_OF_HOST,  /* WPUCreateSocketHandle made it */
    HANDLES_OF_SYSTEM /* WPUModifyIFSHandle told of it */
};

/* Non-IFS: a new descriptor with the provider's context. It is the handle of a kernel
 * object of its own, so that it equals no other handle of the process. INVALID_SOCKET:
 * no memory. */
SOCKET socket_handle_create(DWORD catalog_id, DWORD_PTR context);
/* false: not one of ours, or closed already. A closed value is not handed out again
 * before socket_handles_forget. */
bool socket_handle_close(SOCKET s);
bool socket_handle_query(SOCKET s, DWORD_PTR *context);
/* How often socket_handle_close was asked to close it since it was made. */
unsigned socket_handle_closes(SOCKET s);

/* IFS: notes the owner of a handle of the provider's own; a later owner replaces it. */
void socket_handle_adopt(DWORD catalog_id, SOCKET s);

/* Of a descriptor that is open. */
enum handle_model socket_handle_model(SOCKET s);
/* Forgets the owner of a handle of the provider's own; nothing else is changed. */
void socket_handle_disown(SOCKET s);

/* Descriptors created and not closed, of those created after the mark; `one` gets one
 * of them. */
unsigned long socket_handles_mark(void);
unsigned socket_handles_open(unsigned long mark, SOCKET *one);

/* Waits until none of those is open, at most `ms`. */
bool socket_handles_await_closed(unsigned long mark, DWORD ms);

/* Kernel objects of closed descriptors that are kept so that no value comes again. */
unsigned socket_handles_kept(void);
/* Releases these. */
void socket_handles_forget(void);

#endif

#include "extension.h"

#include "accept_ex.h"
#include "connect_ex.h"
#include "fault.h"
#include "message.h"

struct extension {
    GUID id;
    const void *function;
    DWORD without; /* service flags of endpoints to which it is not offered */
    DWORD with;    /* service flag that they must have; 0: none */
};

/* These exchange sockets of the lower layer, or know nothing of connect data. */
#define NOT_TCP (XP1_CONNECTIONLESS | XP1_CONNECT_DATA | XP1_DISCONNECT_DATA)

static const struct extension extensions[] = {
    {WSPCHECK_FAULT_GUID, &fault_extension, 0, 0},
    {WSAID_ACCEPTEX, accept_ex, NOT_TCP, 0},
    {WSAID_CONNECTEX, connect_ex, NOT_TCP, 0},
    {WSAID_DISCONNECTEX, disconnect_ex, NOT_TCP, 0},
    {WSAID_GETACCEPTEXSOCKADDRS, get_accept_ex_addresses, NOT_TCP, 0},
    {WSAID_WSARECVMSG, receive_message, 0, XP1_CONNECTIONLESS},
};

const void *extension_find(const struct endpoint *endpoint, const GUID *id)
{
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        const struct extension *extension = &extensions[i];

        if (memcmp(id, &extension->id, sizeof *id) == 0 &&
            !endpoint_has(endpoint, extension->without) &&
            (!extension->with || endpoint_has(endpoint, extension->with)))
            return extension->function;
    }
    return NULL;
}

#include "catalogue.h"

#include "memory.h"
#include "transport.h"

struct kept {
    struct kept *next;
    WSAPROTOCOL_INFOW entry;
};

static CRITICAL_SECTION lock;
static struct kept *first;

static const struct transport *const transports[] = {
    &tcp_transport, &udp_transport, &isotp_transport, &isotp_stream_transport};

const struct transport *transport_find(const WSAPROTOCOL_INFOW *entry)
{
    for (size_t i = 0; i < sizeof transports / sizeof transports[0]; i++) {
        const struct transport *transport = transports[i];

        if (transport->type == entry->iSocketType &&
            transport->protocol == entry->iProtocol &&
            (transport->families[0] == entry->iAddressFamily ||
             transport->families[1] == entry->iAddressFamily))
            return transport;
    }
    return NULL;
}

void catalogue_initialize(void)
{
    InitializeCriticalSection(&lock);
}

void catalogue_delete(void)
{
    DeleteCriticalSection(&lock);
}

static bool same(const WSAPROTOCOL_INFOW *a, const WSAPROTOCOL_INFOW *b)
{
    return a->dwCatalogEntryId == b->dwCatalogEntryId &&
           a->iAddressFamily == b->iAddressFamily && a->iSocketType == b->iSocketType &&
           a->iProtocol == b->iProtocol &&
           memcmp(&a->ProviderId, &b->ProviderId, sizeof a->ProviderId) == 0;
}

static struct kept *keep_locked(const WSAPROTOCOL_INFOW *entry)
{
    struct kept **at = &first;

    while (*at && !same(&(*at)->entry, entry))
        at = &(*at)->next;
    if (!*at) {
        struct kept *kept = memory_allocate(sizeof *kept);

        if (!kept)
            return NULL;
        kept->entry = *entry;
        kept->entry.dwProviderReserved = 0;
        *at = kept;
    }
    return *at;
}

const WSAPROTOCOL_INFOW *catalogue_keep(const WSAPROTOCOL_INFOW *entry)
{
    struct kept *kept;

    if (!transport_find(entry))
        return NULL;
    EnterCriticalSection(&lock);
    kept = keep_locked(entry);
    LeaveCriticalSection(&lock);
    return kept ? &kept->entry : NULL;
}

static bool fits(int wanted, int value)
{
    return wanted == 0 || wanted == value;
}

const WSAPROTOCOL_INFOW *catalogue_find(int family, int type, int protocol)
{
    const struct kept *kept;

    EnterCriticalSection(&lock);
    kept = first;
    while (kept && !(fits(family, kept->entry.iAddressFamily) &&
                     fits(type, kept->entry.iSocketType) &&
                     fits(protocol, kept->entry.iProtocol)))
        kept = kept->next;
    LeaveCriticalSection(&lock);
    return kept ? &kept->entry : NULL;
}

void catalogue_clear(void)
{
    while (first) {
        struct kept *kept = first;

        first = kept->next;
        memory_free(kept);
    }
}

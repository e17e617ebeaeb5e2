#include "socket_list.h"

#include "record.h"
#include "running.h"

/* More than any case needs at a time; what is beyond is not closed. */
#define SOCKETS 1024

struct listed {
    SOCKET s;
    bool deaf;
    bool lingers;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct listed sockets[SOCKETS];
static unsigned count;

/* The lock is held. */
static struct listed *find(SOCKET s)
{
    for (unsigned i = 0; i < count; ++i)
        if (sockets[i].s == s)
            return &sockets[i];
    return NULL;
}

void socket_list_opened(SOCKET s)
{
    AcquireSRWLockExclusive(&lock);
    if (count < SOCKETS && !find(s))
        sockets[count++] = (struct listed){.s = s};
    ReleaseSRWLockExclusive(&lock);
}

void socket_list_closed(SOCKET s)
{
    struct listed *listed;

    AcquireSRWLockExclusive(&lock);
    listed = find(s);
    if (listed) {
        for (--count; listed < sockets + count; ++listed)
            listed[0] = listed[1];
    }
    ReleaseSRWLockExclusive(&lock);
}

void socket_list_deafened(SOCKET s)
{
    struct listed *listed;

    AcquireSRWLockExclusive(&lock);
    listed = find(s);
    if (listed)
        listed->deaf = true;
    ReleaseSRWLockExclusive(&lock);
}

bool socket_list_is_deaf(SOCKET s)
{
    const struct listed *listed;
    bool deaf;

    AcquireSRWLockShared(&lock);
    listed = find(s);
    deaf = !listed || listed->deaf;
    ReleaseSRWLockShared(&lock);
    return deaf;
}

void socket_list_lingers(SOCKET s)
{
    struct listed *listed;

    AcquireSRWLockExclusive(&lock);
    listed = find(s);
    if (listed)
        listed->lingers = true;
    ReleaseSRWLockExclusive(&lock);
}

void socket_list_close_all(struct spi_test *t)
{
    static const struct linger hard = {.l_onoff = 1, .l_linger = 0};

    while (count) {
        struct listed last = sockets[count - 1];
        struct outcome o;

        if (last.lingers)
            spi_set_option(t, last.s, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        o = spi_close(t, last.s);
        if (o.failed)
            record_finding("0",
                           "after the case, WSPCloseSocket(0x%zx) failed with %s",
                           (size_t)last.s,
                           error_text(o.error));
        socket_list_closed(last.s);
    }
}

void socket_list_reset(void)
{
    count = 0;
}

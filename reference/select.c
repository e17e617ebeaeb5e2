/* WSPSelect. */
#include "blocking.h"
#include "error.h"
#include "fault.h"
#include "lower.h"
#include "memory.h"
#include "registry.h"
#include "service.h"
#include "spi.h"
#include "startup.h"

/* One socket in one of the sets. */
struct member {
    SOCKET socket;
    struct endpoint *endpoint;
    struct waiter waiter; /* its mask is what is asked for */
    bool ready;
};

/* The three sets in one array, each in the order of its fd_set. */
struct selection {
    struct member *members;
    fd_set *below; /* room for as many sockets of the lower layer */
    u_int count;
    u_int begin[4]; /* where each set begins; the end of the last one */
};

/* What each set asks for, and what the lower layer announces for that. */
static const struct {
    long poll; /* as in lower_poll */
    long mask;
} kinds[3] = {
    {FD_READ, FD_READ | FD_ACCEPT | FD_CLOSE},
    {FD_WRITE, FD_WRITE | FD_CONNECT | FD_CLOSE},
    {FD_OOB, FD_OOB | FD_CONNECT},
};

static size_t set_size(u_int count)
{
    return offsetof(fd_set, fd_array) + (count ? count : 1) * sizeof(SOCKET);
}

/* --- Making the selection -------------------------------------------------------- */

static void release(struct selection *selection)
{
    for (u_int i = 0; i < selection->count; i++) {
        if (selection->members[i].endpoint)
            registry_release(selection->members[i].endpoint);
    }
    memory_free(selection->members);
    memory_free(selection->below);
}

static int add_set(struct selection *selection, const fd_set *set, int kind)
{
    for (u_int i = 0; set && i < set->fd_count; i++) {
        struct member *member = &selection->members[selection->begin[kind] + i];

        member->socket = set->fd_array[i];
        member->waiter.mask = kinds[kind].mask;
        member->endpoint = registry_find(member->socket);
        if (!member->endpoint)
            return WSAENOTSOCK;
    }
    return 0;
}

static int check_sets(fd_set *const sets[3])
{
    u_int count = 0;

    for (int kind = 0; kind < 3; kind++) {
        if (!sets[kind])
            continue;
        if (!memory_writable(sets[kind], offsetof(fd_set, fd_array)) ||
            !memory_writable(sets[kind], set_size(sets[kind]->fd_count)))
            return WSAEFAULT;
        count += sets[kind]->fd_count;
    }
    return count ? 0 : WSAEINVAL; /* at least one descriptor */
}

static int make(struct selection *selection, fd_set *const sets[3])
{
    int error = check_sets(sets);

    if (error)
        return error;
    for (int kind = 0; kind < 3; kind++)
        selection->begin[kind + 1] =
            selection->begin[kind] + (sets[kind] ? sets[kind]->fd_count : 0);
    selection->count = selection->begin[3];
    selection->members = memory_allocate(selection->count * sizeof(struct member));
    selection->below = memory_allocate(3 * set_size(selection->count));
    if (!selection->members || !selection->below) {
        selection->count = 0;
        return WSAEFAULT; /* so it is documented */
    }
    for (int kind = 0; kind < 3 && !error; kind++)
        error = add_set(selection, sets[kind], kind);
    return error;
}

/* --- Asking for the present state ------------------------------------------------ */

/* What the core knows and the lower layer does not. */
static bool ready_in_core(struct endpoint *endpoint, long poll)
{
    bool ready = false;

    EnterCriticalSection(&endpoint->lock);
    endpoint_settle(endpoint);
    if (endpoint->transport->engine && endpoint_poll(endpoint, poll))
        ready = true;
    else if (poll ==
             FD_READ) /* a receive would fail at once; an accept would find one */
        ready = endpoint->reception_ended || endpoint->head;
    else if (poll == FD_OOB)
        ready = endpoint->state == ENDPOINT_OPEN && endpoint->connect_error;
    LeaveCriticalSection(&endpoint->lock);
    return ready;
}

static fd_set *below_of(const struct selection *selection, int kind)
{
    return (fd_set *)((char *)selection->below +
                      (size_t)kind * set_size(selection->count));
}

/* The sockets of the lower layer that are to be asked; NULL: there are none. */
static fd_set *fill_below(struct selection *selection, int kind)
{
    fd_set *below = below_of(selection, kind);

    below->fd_count = 0;
    for (u_int i = selection->begin[kind]; i < selection->begin[kind + 1]; i++) {
        const struct endpoint *endpoint = selection->members[i].endpoint;

        /* What the lower layer says of others is not what the client asks for. */
        if (!endpoint->transport->engine)
            below->fd_array[below->fd_count++] = endpoint->lower;
    }
    return below->fd_count ? below : NULL;
}

/* The lower layer keeps what is ready, in the given order. */
static u_int take_below(struct selection *selection, int kind)
{
    const fd_set *below = below_of(selection, kind);
    u_int next = 0;
    u_int ready = 0;

    for (u_int i = selection->begin[kind]; i < selection->begin[kind + 1]; i++) {
        struct member *member = &selection->members[i];

        member->ready =
            next < below->fd_count && below->fd_array[next] == member->endpoint->lower;
        next += member->ready;
        if (!member->ready)
            member->ready = ready_in_core(member->endpoint, kinds[kind].poll);
        ready += member->ready;
    }
    return ready;
}

/* Number of ready members, or -1 with *error. */
static int poll(struct selection *selection, int *error)
{
    struct timeval at_once = {0, 0};
    fd_set *below[3];
    bool used = false;
    u_int ready = 0;

    for (int kind = 0; kind < 3; kind++) {
        below[kind] = fill_below(selection, kind);
        used = used || below[kind];
    }
    if (used && lower.lpWSPSelect(0, below[0], below[1], below[2], &at_once, error) ==
                    SOCKET_ERROR)
        return -1;
    for (int kind = 0; kind < 3; kind++)
        ready += take_below(selection, kind);
    return (int)ready;
}

/* --- Waiting --------------------------------------------------------------------- */

static void watch(struct selection *selection, HANDLE event)
{
    for (u_int i = 0; i < selection->count; i++) {
        struct member *member = &selection->members[i];

        member->waiter.event = event;
        EnterCriticalSection(&member->endpoint->lock);
        endpoint_add_waiter(member->endpoint, &member->waiter);
        LeaveCriticalSection(&member->endpoint->lock);
    }
}

static void unwatch(struct selection *selection)
{
    for (u_int i = 0; i < selection->count; i++) {
        struct member *member = &selection->members[i];

        EnterCriticalSection(&member->endpoint->lock);
        endpoint_remove_waiter(member->endpoint, &member->waiter);
        LeaveCriticalSection(&member->endpoint->lock);
    }
}

/* Has everything announced that may happen; the code if a socket was closed. */
static int arm(struct selection *selection)
{
    int error = 0;

    for (u_int i = 0; i < selection->count && !error; i++) {
        struct member *member = &selection->members[i];

        EnterCriticalSection(&member->endpoint->lock);
        error = member->waiter.ended;
        if (!error)
            error = service_update(member->endpoint);
        LeaveCriticalSection(&member->endpoint->lock);
    }
    return error;
}

/* Asks again after the announcements are ordered, so that nothing falls between. */
static int await(struct selection *selection, DWORD limit, int *error)
{
    const WSAPROTOCOL_INFOW *entry = selection->members[0].endpoint->entry;
    struct blocking blocking;
    int ready = 0;

    *error = blocking_begin(&blocking, entry, limit);
    if (*error)
        return -1;
    watch(selection, blocking.thread->wake);
    do {
        *error = arm(selection);
        if (!*error)
            ready = poll(selection, error);
        if (!*error && !ready)
            *error = blocking_wait(&blocking, NULL);
    } while (!*error && !ready);
    unwatch(selection);
    blocking_end(&blocking);
    if (*error == WSAETIMEDOUT)
        return 0;
    return *error ? -1 : ready;
}

/* --- WSPSelect ------------------------------------------------------------------- */

static void keep_ready(const struct selection *selection, fd_set *set, int kind)
{
    if (!set)
        return;
    set->fd_count = 0;
    for (u_int i = selection->begin[kind]; i < selection->begin[kind + 1]; i++) {
        if (selection->members[i].ready)
            set->fd_array[set->fd_count++] = selection->members[i].socket;
    }
}

static int check_timeout(const struct timeval *timeout, DWORD *limit)
{
    *limit = INFINITE;
    if (!timeout)
        return 0;
    if (!memory_readable(timeout, sizeof *timeout))
        return WSAEFAULT;
    if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
        return WSAEINVAL;
    if ((DWORD)timeout->tv_sec < INFINITE / 1000 - 1000)
        *limit = (DWORD)timeout->tv_sec * 1000 + ((DWORD)timeout->tv_usec + 999) / 1000;
    return 0;
}

static int select_sockets(fd_set *const sets[3], DWORD limit, int *error)
{
    struct selection selection = {0};
    int ready = -1;

    *error = make(&selection, sets);
    if (!*error && thread_in_callback())
        *error = WSAEINPROGRESS;
    if (!*error && network_is_down())
        *error = WSAENETDOWN;
    if (!*error)
        ready = poll(&selection, error);
    if (ready == 0 && limit)
        ready = await(&selection, limit, error);
    for (int kind = 0; kind < 3 && ready >= 0; kind++)
        keep_ready(&selection, sets[kind], kind);
    release(&selection);
    return ready;
}

int WSPAPI WSPSelect(int nfds,
                     fd_set *readfds,
                     fd_set *writefds,
                     fd_set *exceptfds,
                     const PTIMEVAL timeout,
                     LPINT lpErrno)
{
    fd_set *const sets[3] = {readfds, writefds, exceptfds};
    DWORD limit;
    int ready;
    int error;

    (void)nfds; /* ignored, as documented */
    if (!startup_done())
        return fail(lpErrno, WSANOTINITIALISED);
    error = check_timeout(timeout, &limit);
    if (error)
        return fail(lpErrno, error);
    ready = select_sockets(sets, limit, &error);
    return ready < 0 ? fail(lpErrno, error) : ready;
}

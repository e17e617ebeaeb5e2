/* Overlapped operations: what a client started, what of it is pending, and how its end
 * is told. */
#ifndef WSPREF_OVERLAPPED_H
#define WSPREF_OVERLAPPED_H

#include "endpoint.h"

/* Bytes for the longest address of a socket. */
#define NAME_MAX_LENGTH ((int)sizeof(struct sockaddr_storage))

struct operation {
    struct operation *next;
    /* Tries to finish it, nonblocking, with the endpoint's lock held: 0, a code, or
     * WSAEWOULDBLOCK. */
    int (*attempt)(struct endpoint *endpoint, struct operation *operation);
    /* NULL, or what comes after its success, without locks: starts it anew and gives
     * the result of overlapped_start, or a code. */
    int (*then)(struct operation *operation);
    struct transfer transfer; /* bytes and flags are the operation's result */
    int error;                /* its code */
    DWORD done;               /* bytes that earlier attempts of a send transferred */

    /* How its end is told. */
    SOCKET socket;
    WSAOVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    WSATHREADID thread;
    bool opened_thread; /* to be given back with WPUCloseThread */

    struct sockaddr_storage to; /* copy of a destination */
    void *detail;               /* what only `attempt` knows; freed with it */
    WSABUF buffers[];           /* copy of the client's array */
};

/* The client's wish for overlapped execution, as it came in. */
struct completion {
    SOCKET socket;
    WSAOVERLAPPED *overlapped;
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
    WSATHREADID *thread;
};

/* Whether the client's parameters ask for an overlapped operation at all. */
bool overlapped_wanted(const struct endpoint *endpoint,
                       const struct completion *completion);

/* A new operation with copies of all that the client may take back when its call
 * returns; NULL: no memory. */
struct operation *overlapped_create(const struct completion *completion,
                                    const struct transfer *transfer);
void overlapped_discard(struct operation *operation);

/* Starts it in its queue, with the endpoint's lock held: 0 if it is finished, and to be
 * given to overlapped_finish_one after the lock was left; WSA_IO_PENDING; another code:
 * it failed, and still belongs to the caller. */
int overlapped_start(struct endpoint *endpoint,
                     struct queue *queue,
                     struct operation *operation);

/* With the lock held: goes on with the operations that `event` concerns; those that
 * ended are moved to *done. */
void overlapped_advance(struct endpoint *endpoint, long event, struct queue *done);
/* With the lock held: ends all operations of a queue with this code. */
void overlapped_end(struct queue *queue, int error, struct queue *done);
/* The same for all queues of an endpoint. */
void overlapped_end_all(struct endpoint *endpoint, int error, struct queue *done);

/* Without any lock: tells the client about ended operations, and frees them; or lets
 * them go on with what comes then. */
void overlapped_finish(struct queue *done);
void overlapped_finish_one(struct operation *operation);
/* The same without telling. */
void overlapped_drop(struct queue *done);

#endif

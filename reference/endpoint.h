/* A socket as the core sees it: state, waiting threads, pending operations, network
 * events. Descriptors name endpoints (registry.h); several may name the same one. */
#ifndef WSPREF_ENDPOINT_H
#define WSPREF_ENDPOINT_H

#include "transport.h"
#include "win.h"

struct operation;

enum endpoint_state {
    ENDPOINT_OPEN, /* neither connected nor listening; bound or not */
    ENDPOINT_CONNECTING,
    ENDPOINT_CONNECTED, /* until the close, whatever the other side does (RD-27) */
    ENDPOINT_LISTENING,
};

/* Bits of a waiter's mask beside the FD_ ones, for those who do not only wait for
 * readiness but are in the middle of a call. */
#define WAITS_TO_RECEIVE (1l << 16)
#define WAITS_TO_SEND (1l << 17)

/* A thread that waits for an endpoint; lives on that thread's stack. */
struct waiter {
    struct waiter *next;
    HANDLE event; /* signalled when one of `mask` may hold, or when it ends */
    long mask;    /* FD_ and WAITS_ bits */
    int ended;    /* code with which the wait is over; 0: it is not */
};

/* Operations in the order in which they were started. */
struct queue {
    struct operation *first;
    struct operation *last;
};

/* What the client asked to be told (events.c). */
struct registration {
    long mask;      /* FD_ bits; 0: nothing */
    WSAEVENT event; /* WSPEventSelect; NULL: WSPAsyncSelect */
    HWND window;
    UINT message;
    SOCKET socket; /* descriptor that messages name */
    long reported; /* told, and not re-enabled since */
    long recorded; /* for WSPEnumNetworkEvents */
    int errors[FD_MAX_EVENTS];
};

struct endpoint {
    /* Never change. */
    const WSAPROTOCOL_INFOW *entry;
    const struct transport *transport;
    bool overlapped; /* WSA_FLAG_OVERLAPPED */
    void *protocol;  /* the state of the transport's engine, if it has one */

    /* Owned by registry.c. */
    SOCKET lower; /* the lower layer's socket; replaced by AcceptEx and DisconnectEx */
    UINT message; /* by which the lower layer announces its events */
    long references;
    unsigned descriptors;
    HANDLE drained; /* signalled when one reference is left */
    struct endpoint *next_by_lower;

    /* Owned by timer.c. */
    struct endpoint *next_timed;
    struct endpoint *previous_timed;
    bool timed;
    DWORD due; /* by GetTickCount */

    /* Guards everything below. May be held during nonblocking calls of the lower layer
     * and WPUPostMessage, never during other upcalls and waits. */
    CRITICAL_SECTION lock;
    enum endpoint_state state;
    bool named; /* is known to have a local address */
    bool nonblocking;
    bool reception_ended; /* RD-13: by WSPRecvDisconnect or WSPShutdown */
    bool sending_ended;
    bool disconnect_due;     /* when the pending sends are through, with these data: */
    WSABUF *disconnect_data; /* a copy; NULL: none */
    bool closing;
    bool disconnected; /* datagrams: the default destination was taken back */
    bool peer_closed;  /* the lower layer announced the end of the connection */
    int close_error;   /* with this code */
    int connect_error; /* of the last WSPConnect */
    int socket_error;  /* for SO_ERROR */
    struct linger linger;
    DWORD receive_limit; /* SO_RCVTIMEO in ms; 0: none */
    DWORD send_limit;
    long armed; /* FD_ bits that the lower layer will announce */
    bool asked; /* it was asked to announce any */
    struct waiter *waiters;
    struct queue receives;
    struct queue sends;
    struct queue accepts;
    struct queue connects;
    struct registration registration;
    struct request *head; /* deferred by the condition function */
    bool deciding;        /* a thread asks the condition function about the head */
};

/* A new endpoint around a nonblocking lower socket, with one reference and no
 * descriptor; on failure NULL, and the lower socket is closed. */
struct endpoint *endpoint_create(const WSAPROTOCOL_INFOW *entry, SOCKET lower);
/* For registry.c: nobody refers to it any more. Closes the lower socket. */
void endpoint_destroy(struct endpoint *endpoint);

bool endpoint_connectionless(const struct endpoint *endpoint);
bool endpoint_has(const struct endpoint *endpoint, DWORD service_flag);

/* The beginning of every function of the table that takes a socket: finds the endpoint
 * and keeps it in place until endpoint_leave. Returns 0 or, in this order, WSAENOTSOCK,
 * WSAEINPROGRESS, WSAENETDOWN. */
int endpoint_enter(SOCKET s, struct endpoint **endpoint);
void endpoint_leave(struct endpoint *endpoint);

/* Answers a request of the listener in the negative, and frees it. */
void endpoint_refuse(const struct endpoint *listener, struct request *request);

/* The following want the lock held. */

/* Which of `mask` (FD_READ: readable, FD_WRITE: writable) hold, as WSPSelect means
 * them. */
long endpoint_poll(struct endpoint *endpoint, long mask);

/* 0, or WSAENOTCONN for a connection-oriented endpoint that is not connected. Looks
 * whether a connection attempt has come to its end meanwhile. */
int endpoint_require_connection(struct endpoint *endpoint);
/* A connection attempt: takes its end from the lower layer, if it has come to one. */
void endpoint_settle(struct endpoint *endpoint);
/* A connection attempt has ended with this code: whoever waits for that is told. */
void endpoint_connect_ended(struct endpoint *endpoint, int error);

/* Whether a reception (sending) may begin: 0, WSAENOTCONN or WSAESHUTDOWN. */
int endpoint_may_receive(struct endpoint *endpoint);
int endpoint_may_send(struct endpoint *endpoint);

void endpoint_add_waiter(struct endpoint *endpoint, struct waiter *waiter);
void endpoint_remove_waiter(struct endpoint *endpoint, struct waiter *waiter);
/* Wakes those who wait for one of `mask`. */
void endpoint_wake(struct endpoint *endpoint, long mask);
/* Ends the waits for one of `mask` with `error`. */
void endpoint_end_waits(struct endpoint *endpoint, long mask, int error);

#endif

/* A transport: what the core must know of one protocol. Each operation is nonblocking
 * and returns 0 or a Winsock code, WSAEWOULDBLOCK if it cannot finish now; readiness is
 * then signalled through service.h. */
#ifndef WSPREF_TRANSPORT_H
#define WSPREF_TRANSPORT_H

#include "win.h"

struct endpoint;

/* Data on their way between the client's buffers and a transport. */
struct transfer {
    WSABUF *buffers;
    DWORD count;
    DWORD flags; /* MSG_ flags; after a reception those of the data */
    DWORD bytes; /* result: bytes transferred */
    /* Reception: where the sender's address goes, or NULL. */
    struct sockaddr *from;
    int *from_length;
    /* Sending: the destination, or NULL for the connected one. */
    const struct sockaddr *to;
    int to_length;
};

/* A connection that was taken from the lower layer and not yet given to the client. */
struct request {
    SOCKET lower;
    struct sockaddr_storage caller;
    int caller_length;
    struct sockaddr_storage callee;
    int callee_length;
};

struct transport {
    int type; /* what WSAPROTOCOL_INFOW says of it */
    int protocol;

    /* 0, or what is wrong with an address of the client: WSAEFAULT (not to be read, or
     * too short), or `wrong_family`. */
    int (*check_name)(const struct endpoint *endpoint,
                      const struct sockaddr *name,
                      int length,
                      int wrong_family);
    /* The longest address, in bytes. */
    int (*name_length)(const struct endpoint *endpoint);
    /* Whether a checked address names nobody. */
    bool (*is_null_name)(const struct sockaddr *name);

    /* A new nonblocking socket of the lower layer for an entry of this transport. */
    int (*open)(const WSAPROTOCOL_INFOW *entry, SOCKET *s);
    /* The own and the other side's address; *length is the room, then what is used. */
    int (*local_name)(struct endpoint *endpoint, struct sockaddr *name, int *length);
    int (*peer_name)(struct endpoint *endpoint, struct sockaddr *name, int *length);

    int (*bind)(struct endpoint *endpoint, const struct sockaddr *name, int length);
    int (*connect)(struct endpoint *endpoint, const struct sockaddr *name, int length);
    /* NULL: the protocol has no connections to accept. */
    int (*listen)(struct endpoint *endpoint, int backlog);
    /* A request at once, with the caller's address, and nonblocking as the listener. */
    int (*accept)(struct endpoint *endpoint, struct request *request);
    /* Fills in the address that was called, of length 0 if it is not known. */
    void (*find_callee)(struct request *request);

    /* At once if `done` is NULL. Else the transfer may be left pending below with
     * WSA_IO_PENDING; `done->hEvent` is then signalled at its end, and everything stays
     * in place until lower.lpWSPGetOverlappedResult has told the result. */
    int (*send)(struct endpoint *endpoint,
                struct transfer *transfer,
                WSAOVERLAPPED *done);
    int (*receive)(struct endpoint *endpoint,
                   struct transfer *transfer,
                   WSAOVERLAPPED *done);

    /* Receives a datagram with its control data, at once; NULL: it has none. */
    int (*receive_message)(struct endpoint *endpoint, WSAMSG *message, DWORD *bytes);

    /* How the other side has ended the connection: 0, gracefully, or a code. NULL for a
     * protocol without connections. */
    int (*end_code)(struct endpoint *endpoint);

    /* Ends the sending direction; `data` is NULL, or disconnect data to go along, for a
     * protocol that has them. */
    int (*disconnect)(struct endpoint *endpoint, const WSABUF *data);
    /* The disconnect data that came from the other side, which stay the transport's and
     * in place until the socket is closed; no bytes if none came. NULL: the protocol
     * has no disconnect data. */
    WSABUF (*inbound_disconnect_data)(struct endpoint *endpoint);
};

extern const struct transport tcp_transport;
extern const struct transport udp_transport;

/* The transport of an entry, or NULL. */
const struct transport *transport_find(const WSAPROTOCOL_INFOW *entry);

#endif

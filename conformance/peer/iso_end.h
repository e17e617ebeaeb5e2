/* A connection of the ISO transport peer as a far end of the suite: in the words of
 * sockets, with one way for calls that are still being answered. One thread at a time.
 */
#ifndef WSPCHECK_ISO_END_H
#define WSPCHECK_ISO_END_H

#include "isotp_peer.h"
#include "spi_case.h"

/* Octets of the longest message that can be received. */
#define ISO_MESSAGE_MAX (256u << 10)

struct iso_end {
    struct isotp_peer transport;
    bool calling;         /* its CR has not been answered yet */
    bool said_farewell;   /* a DR or DC of ours has been sent */
    size_t taken;         /* octets of `message` that were handed out */
    size_t size;          /* octets of `message` */
    struct iso_end *next; /* for its owner */
    unsigned char message[ISO_MESSAGE_MAX];
};

/* Without a connection; never NULL. */
struct iso_end *iso_end_new(void);
/* Closes it, if it is open, as the system does. */
void iso_end_free(struct iso_end *end);

/* INVALID_SOCKET: no connection. */
SOCKET iso_end_socket(const struct iso_end *end);
/* One sentence about the last failure. */
const char *iso_end_why(const struct iso_end *end);

/* Begins to connect, from a TCP address to one with this TSEL: TCP stands and the CR is
 * sent afterwards. */
bool iso_end_calls(struct iso_end *end,
                   const struct isotp_endpoint *from,
                   const struct isotp_endpoint *to,
                   const void *tsel,
                   size_t tsel_size);
/* Whether the CC has come, or comes within `ms`. */
bool iso_end_is_connected(struct iso_end *end, unsigned ms);

/* Sends one message; *error as peer_tries_to_send. */
bool iso_end_sends(struct iso_end *end, const void *data, size_t size, int *error);
/* The same without ever waiting: what was sent in part is completed later. */
bool iso_end_tries_to_send(struct iso_end *end,
                           const void *data,
                           size_t size,
                           int *error);
/* As peer_receives. A message that is longer than `size` is handed out piece by piece.
 */
int iso_end_receives(struct iso_end *end, void *buffer, size_t size, int *error);

/* A DR with data, and a DC; false: it could not be sent. */
bool iso_end_disconnects(struct iso_end *end, const void *data, size_t size);
bool iso_end_confirms(struct iso_end *end);
/* The farewell of the far side is there or comes within the limit of the transport. */
bool iso_end_takes_farewell(struct iso_end *end);

/* A DR, or a DC if the far side's DR is to be answered; then TCP is ended, what has
 * come is read, so that no reset eats the farewell, and the socket is closed. */
void iso_end_closes(struct iso_end *end);
/* Closes by a TCP reset. */
void iso_end_resets(struct iso_end *end);

#endif

/* An ISO transport entity that is the far end of a provider under test: X.224 class 2
 * without explicit flow control (or class 0) in TPKTs on TCP. It does what its caller
 * says, right or wrong, and checks strictly what it receives.
 *
 * Each operation ends within `limit_ms` of the peer. Other than by ISOTP_OK it ends
 * with a sentence in peer->why. Peers share nothing, so each may be used on a thread of
 * its own; one peer on one thread at a time. */
#ifndef WSPCHECK_ISOTP_PEER_H
#define WSPCHECK_ISOTP_PEER_H

#include "isotp_endpoint.h"
#include "isotp_octets.h"
#include "isotp_reader.h"
#include "isotp_result.h"
#include "isotp_socket.h"

enum { ISOTP_LIMIT_MS = 5000 };

/* How the far side left: its DR, or the DC that answered ours. */
struct isotp_farewell {
    enum isotp_kind kind; /* ISOTP_NO_TPDU: it has not */
    unsigned reason;      /* of a DR */
    size_t size;
    unsigned char data[ISOTP_DISCONNECT_DATA_MAX];
};

/* About 130 KiB: not for the stack. Must not be moved. Members are for reading, but for
 * those that say so. */
struct isotp_peer {
    isotp_socket socket;
    bool finished;          /* a FIN has been sent */
    unsigned limit_ms;      /* may be set at any time */
    uint16_t class_option;  /* ISOTP_CLASS_2; may be set before CR or CC is exchanged */
    uint16_t own_reference; /* may be set before CR or CC is sent */
    uint16_t far_reference; /* 0: not known yet */
    unsigned proposed_size; /* TPDU size code of the CR; 0: none */
    unsigned tpdu_size;     /* in octets; largest TPDU that either side may send */
    unsigned next_number;   /* of our next DT */
    unsigned dropped;       /* DT that came while our DR awaited its answer */
    struct isotp_tpdu call; /* the CR or CC of the far side, with its user data */
    unsigned char call_data[ISOTP_CONNECT_DATA_MAX];
    struct isotp_farewell farewell;
    struct isotp_tpdu seen; /* the last TPDU received; its data are in `incoming` */
    bool seen_whole;
    struct isotp_octets incoming;
    struct isotp_octets outgoing; /* the last octets sent */
    size_t taken;                 /* how many of them the system has taken */
    struct isotp_why why;
};

/* What a CR proposes or a CC grants. All is borrowed, and sent whatever its size. */
struct isotp_terms {
    const void *called; /* TSEL */
    size_t called_size;
    const void *calling; /* TSEL */
    size_t calling_size;
    const void *data; /* of the caller or the callee */
    size_t data_size;
    unsigned
        tpdu_size; /* code, 7 to 13 for 128 to 8192 octets; 0: parameter left out */
};

/* The CR or CC in other words; all points into `tpdu` and its data. */
struct isotp_terms isotp_terms_of(const struct isotp_tpdu *tpdu);

/* --- TCP ---------------------------------------------------------------------------
 */

/* No socket, class 2, ISOTP_LIMIT_MS. */
void isotp_peer_init(struct isotp_peer *peer);

/* Connects by TCP only, from an address (NULL: any): a half-open connection. */
enum isotp_result isotp_open(struct isotp_peer *peer,
                             const struct isotp_endpoint *from,
                             const struct isotp_endpoint *to);
/* Accepts a TCP connection from a listener of isotp_socket_listen. */
enum isotp_result isotp_accept(struct isotp_peer *peer, isotp_socket listener);

/* Sends a FIN; what is received then can still be read. */
enum isotp_result isotp_finish(struct isotp_peer *peer);
/* The far side ends its sending and sends nothing more before: ISOTP_OK. */
enum isotp_result isotp_await_end(struct isotp_peer *peer);
/* Sends a FIN, reads and drops what comes until the far side ends too, closes in any
 * case: no reset destroys what we have sent. */
enum isotp_result isotp_close(struct isotp_peer *peer);
/* Closes with a TCP reset. Closing what is not open does nothing. */
void isotp_reset(struct isotp_peer *peer);

/* --- Connecting --------------------------------------------------------------------
 */

/* Sends a CR; to be answered by a CC. */
enum isotp_result isotp_send_cr(struct isotp_peer *peer,
                                const struct isotp_terms *terms);
/* ISOTP_OK: a CC is in peer->call. ISOTP_REFUSED: a DR is in peer->farewell. */
enum isotp_result isotp_await_cc(struct isotp_peer *peer);

/* A CR of our class is in peer->call. */
enum isotp_result isotp_await_cr(struct isotp_peer *peer);
/* Accepts it. TSELs and TPDU size that `terms` (or NULL) leaves out are those of the
 * CR. */
enum isotp_result isotp_send_cc(struct isotp_peer *peer,
                                const struct isotp_terms *terms);
/* Refuses it by a DR whose source reference is 0. */
enum isotp_result
isotp_refuse(struct isotp_peer *peer, unsigned reason, const void *data, size_t size);

/* isotp_open, CR, CC; and isotp_accept, CR, CC. */
enum isotp_result isotp_connect(struct isotp_peer *peer,
                                const struct isotp_endpoint *from,
                                const struct isotp_endpoint *to,
                                const struct isotp_terms *terms);
enum isotp_result isotp_serve(struct isotp_peer *peer,
                              isotp_socket listener,
                              const struct isotp_terms *terms);

/* --- Messages ----------------------------------------------------------------------
 */

/* Sends in DTs as large as the TPDU size allows, the last with EOT if `end`. After
 * ISOTP_TIMEOUT the DT in hand is completed by the next operation that sends; what
 * comes behind it is not sent. */
enum isotp_result
isotp_send_part(struct isotp_peer *peer, const void *data, size_t size, bool end);
enum isotp_result
isotp_send_message(struct isotp_peer *peer, const void *data, size_t size);

/* Receives one message. *received counts also what came before an ISOTP_TIMEOUT; the
 * message can be continued behind it. ISOTP_DISCONNECTED: a DR is in peer->farewell. */
enum isotp_result isotp_receive_message(struct isotp_peer *peer,
                                        void *buffer,
                                        size_t size,
                                        size_t *received);

/* --- Disconnecting -----------------------------------------------------------------
 */

/* Sends a DR: A, or as the answer to one B. */
enum isotp_result
isotp_send_dr(struct isotp_peer *peer, unsigned reason, const void *data, size_t size);
/* A DR comes next, or has come already: it is in peer->farewell. */
enum isotp_result isotp_await_dr(struct isotp_peer *peer);
/* Answers a DR without data of our own. */
enum isotp_result isotp_send_dc(struct isotp_peer *peer);
/* Our DR is answered by a DR or a DC, which is in peer->farewell. As the protocol wants
 * it, DTs that come before are dropped and counted; to see them, receive messages
 * first.
 */
enum isotp_result isotp_await_release(struct isotp_peer *peer);

/* --- Octets ------------------------------------------------------------------------
 */

/* Sends any TPDU in a TPKT, or any octets (at most ISOTP_TPKT_MAX). What an earlier
 * ISOTP_TIMEOUT left unsent goes first; if that fails nothing is added to it. */
enum isotp_result isotp_send_tpdu(struct isotp_peer *peer,
                                  const struct isotp_tpdu *tpdu);
enum isotp_result
isotp_send_octets(struct isotp_peer *peer, const void *octets, size_t size);
/* The same in pieces of `piece` octets, each given to the system by itself. */
enum isotp_result isotp_send_in_pieces(struct isotp_peer *peer,
                                       const void *octets,
                                       size_t size,
                                       size_t piece);

/* Receives one TPDU into peer->seen: any, as long as its octets are right. A TPKT that
 * came in part before ISOTP_TIMEOUT is continued by the next operation. */
enum isotp_result isotp_receive_tpdu(struct isotp_peer *peer);
/* Receives one and compares it by isotp_match. */
enum isotp_result
isotp_expect(struct isotp_peer *peer, const struct isotp_tpdu *expected, unsigned any);

#endif

/* How an operation of the ISO transport peer ended, and the sentence that says why. */
#ifndef WSPCHECK_ISOTP_RESULT_H
#define WSPCHECK_ISOTP_RESULT_H

enum isotp_result {
    ISOTP_OK,
    ISOTP_TIMEOUT,      /* the time limit passed first */
    ISOTP_CLOSED,       /* the far side ended its sending (FIN) between two TPKTs */
    ISOTP_RESET,        /* the far side reset the TCP connection */
    ISOTP_REFUSED,      /* TCP was refused, or a DR answered our CR */
    ISOTP_DISCONNECTED, /* a DR came where something else was awaited */
    ISOTP_DIFFERENT,    /* what came is not what the protocol or the caller demands */
    ISOTP_FAILED        /* a fault of our side: a system call or the arguments */
};

/* One sentence without a full stop; empty after ISOTP_OK. */
struct isotp_why {
    char text[256];
};

/* Writes the sentence (printf-like, cut off where it does not fit) and gives `result`
 * back. */
enum isotp_result
isotp_because(enum isotp_result result, struct isotp_why *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif

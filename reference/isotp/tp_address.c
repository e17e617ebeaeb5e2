#include "tp_address.h"

#include <string.h>

/* The one network address form that TCP reaches, and the macro that RFC 1278 defines
 * for it. */
static const char telex_form[] = "TELEX+00728722+RFC-1006+03+";
static const char telex_macro[] = "Internet-RFC-1006=";
static const char binary_form[] = "NS+";

static uint8_t upper(uint8_t letter)
{
    return letter >= 'a' && letter <= 'z' ? (uint8_t)(letter - 'a' + 'A') : letter;
}

static bool take_word(struct octets *text, const char *word)
{
    size_t length = strlen(word);

    if (text->length < length)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (upper(text->at[i]) != upper((uint8_t)word[i]))
            return false;
    }
    *text = octets_after(*text, length);
    return true;
}

/* Decimal digits, at least one, up to `max`, which is below 10 ** 8. */
static bool take_number(struct octets *text, uint32_t max, uint32_t *number)
{
    size_t count = 0;

    *number = 0;
    while (count < text->length && text->at[count] >= '0' && text->at[count] <= '9') {
        *number = *number * 10 + (uint32_t)(text->at[count++] - '0');
        if (*number > max)
            return false;
    }
    *text = octets_after(*text, count);
    return count > 0;
}

static bool hex_digit(uint8_t letter, unsigned *digit)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *found = letter == 0 ? NULL : strchr(digits, upper(letter));

    if (found == NULL)
        return false;
    *digit = (unsigned)(found - digits);
    return true;
}

/* All of `text`, two digits an octet. */
static bool take_hex(struct octets text, struct octet_writer *writer)
{
    for (size_t i = 0; i < text.length; i += 2) {
        unsigned high;
        unsigned low;

        if (i + 1 == text.length || !hex_digit(text.at[i], &high) ||
            !hex_digit(text.at[i + 1], &low))
            return false;
        write_octet(writer, (uint8_t)(high << 4 | low));
    }
    return !writer->failed;
}

/* What a pair of quotes encloses: from `open` at the front to `close` at the end. */
static bool
enclosed(struct octets text, const char *open, const char *close, struct octets *inside)
{
    size_t length = strlen(close);

    if (!take_word(&text, open) || text.length < length)
        return false;
    *inside = octets_front(text, text.length - length);
    text = octets_after(text, inside->length);
    return take_word(&text, close);
}

static bool is_printable(struct octets text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < ' ' || text.at[i] > '~' || text.at[i] == '"')
            return false;
    }
    return true;
}

static enum tp_address_error parse_selector(struct octets text,
                                            struct tp_address *address)
{
    struct octet_writer writer = {.at = address->selector, .size = TPDU_SELECTOR_MAX};
    struct octets inside;
    uint32_t number;
    bool valid = text.length == 0; /* "empty, but present" */

    if (enclosed(text, "\"", "\"", &inside)) {
        write_octets(&writer, inside);
        valid = is_printable(inside) && !writer.failed;
    } else if (enclosed(text, "'", "'H", &inside)) {
        valid = take_hex(inside, &writer);
    } else if (take_word(&text, "#")) {
        valid = take_number(&text, UINT16_MAX, &number) && text.length == 0;
        write_number(&writer, number, 2);
    }
    address->selector_length = writer.length;
    return valid ? TP_ADDRESS_OK : TP_ADDRESS_SELECTOR;
}

static bool take_host(struct octets *text, uint8_t host[4])
{
    for (size_t i = 0; i < 4; i++) {
        uint32_t part;

        if (i > 0 && !take_word(text, "."))
            return false;
        if (!take_number(text, UINT8_MAX, &part))
            return false;
        host[i] = (uint8_t)part;
    }
    return true;
}

/* host [+ port [+ set]] */
static enum tp_address_error parse_inet(struct octets text, struct tp_address *address)
{
    struct octet_writer writer = {.at = address->nsap, .size = NSAP_MAX};
    struct nsap_inet inet = {.port = NSAP_PORT, .set = NSAP_SET_TCP};
    uint32_t port = NSAP_PORT;
    uint32_t set = NSAP_SET_TCP;

    if (!take_host(&text, inet.address) || (text.length > 0 && text.at[0] != '+'))
        return TP_ADDRESS_HOST;
    inet.has_port = take_word(&text, "+");
    if (inet.has_port && !take_number(&text, UINT16_MAX, &port))
        return TP_ADDRESS_NUMBER;
    inet.has_set = inet.has_port && take_word(&text, "+");
    if (inet.has_set && !take_number(&text, UINT16_MAX, &set))
        return TP_ADDRESS_NUMBER;
    if (text.length > 0)
        return TP_ADDRESS_NUMBER;
    inet.port = (uint16_t)port;
    inet.set = (uint16_t)set;
    nsap_encode(&writer, &inet);
    address->nsap_length = writer.length;
    return TP_ADDRESS_OK;
}

static enum tp_address_error parse_binary(struct octets text,
                                          struct tp_address *address)
{
    struct octet_writer writer = {.at = address->nsap, .size = NSAP_MAX};
    bool valid = take_hex(text, &writer);

    address->nsap_length = writer.length;
    return valid ? TP_ADDRESS_OK : TP_ADDRESS_NSAP;
}

static enum tp_address_error parse_network(struct octets text,
                                           struct tp_address *address)
{
    static const char *const foreign[] = {"X121+",
                                          "DCC+",
                                          "TELEX+",
                                          "PSTN+",
                                          "ISDN+",
                                          "ICD+",
                                          "LOCAL+",
                                          "Int-X25(80)=",
                                          "Janet="};

    for (size_t i = 0; i < text.length; i++) {
        /* RFC 1278 prints "_", ISODE's manual and its files "|". */
        if (text.at[i] == '|' || text.at[i] == '_')
            return TP_ADDRESS_SEVERAL;
    }
    if (take_word(&text, binary_form))
        return parse_binary(text, address);
    if (take_word(&text, telex_form) || take_word(&text, telex_macro))
        return parse_inet(text, address);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (take_word(&text, foreign[i]))
            return TP_ADDRESS_FOREIGN;
    }
    return TP_ADDRESS_SYNTAX;
}

/* Up to the next slash that is not in double quotes; false if there is none. */
static bool find_slash(struct octets text, size_t *index)
{
    bool quoted = false;

    for (*index = 0; *index < text.length; ++*index) {
        if (text.at[*index] == '"')
            quoted = !quoted;
        else if (text.at[*index] == '/' && !quoted)
            return true;
    }
    return false;
}

static enum tp_address_error parse(struct octets text, struct tp_address *address)
{
    enum tp_address_error error = TP_ADDRESS_OK;
    size_t slash;

    if (find_slash(text, &slash)) {
        error = parse_selector(octets_front(text, slash), address);
        text = octets_after(text, slash + 1);
        if (find_slash(text, &slash))
            return TP_ADDRESS_UPPER;
    }
    return error == TP_ADDRESS_OK ? parse_network(text, address) : error;
}

enum tp_address_error tp_address_parse(struct octets text, struct tp_address *address)
{
    enum tp_address_error error;

    *address = (struct tp_address){0};
    error = parse(text, address);
    if (error != TP_ADDRESS_OK)
        *address = (struct tp_address){0};
    return error;
}

static void put_text(struct octet_writer *writer, const char *text)
{
    write_octets(writer, octets_of(text, strlen(text)));
}

static void put_number(struct octet_writer *writer, uint32_t number)
{
    if (number >= 10)
        put_number(writer, number / 10);
    write_octet(writer, (uint8_t)('0' + number % 10));
}

static void put_hex(struct octet_writer *writer, struct octets octets)
{
    static const uint8_t digits[] = "0123456789abcdef";

    for (size_t i = 0; i < octets.length; i++) {
        write_octet(writer, digits[octets.at[i] >> 4]);
        write_octet(writer, digits[octets.at[i] & 0xF]);
    }
}

static void put_selector(struct octet_writer *writer, struct octets selector)
{
    if (is_printable(selector)) {
        put_text(writer, "\"");
        write_octets(writer, selector);
        put_text(writer, "\"/");
        return;
    }
    put_text(writer, "'");
    put_hex(writer, selector);
    put_text(writer, "'H/");
}

static void put_inet(struct octet_writer *writer, const struct nsap_inet *inet)
{
    put_text(writer, telex_form);
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            put_text(writer, ".");
        put_number(writer, inet->address[i]);
    }
    if (inet->has_port) {
        put_text(writer, "+");
        put_number(writer, inet->port);
    }
    if (inet->has_set) {
        put_text(writer, "+");
        put_number(writer, inet->set);
    }
}

enum tp_address_error tp_address_format(struct octet_writer *writer,
                                        const struct tp_address *address)
{
    struct octets nsap = octets_of(address->nsap, address->nsap_length);
    struct nsap_inet inet;

    if (address->selector_length > TPDU_SELECTOR_MAX)
        return TP_ADDRESS_SELECTOR;
    if (address->nsap_length > NSAP_MAX)
        return TP_ADDRESS_NSAP;
    if (address->selector_length > 0)
        put_selector(writer, octets_of(address->selector, address->selector_length));
    if (nsap_decode(nsap, &inet) == NSAP_OK) {
        put_inet(writer, &inet);
    } else {
        put_text(writer, binary_form);
        put_hex(writer, nsap);
    }
    return writer->failed ? TP_ADDRESS_ROOM : TP_ADDRESS_OK;
}

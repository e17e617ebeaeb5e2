#include "nsap.h"

/* AFI 54 (telex, decimal), the telex number 00728722 that RFC 1277 borrows, prefix 03.
 */
static const uint8_t prefix[] = {0x54, 0x00, 0x72, 0x87, 0x22, 0x03};

enum {
    PAD = 0xF, /* fills the last half octet of an odd number of digits */
    ADDRESS_DIGITS = 12,
    NUMBER_DIGITS = 5,
};

/* Decimal digits, two an octet, the first in the high half. */
struct digits {
    struct octets octets;
    size_t next;
    bool failed;
};

static unsigned half_octet(const struct digits *digits, size_t index)
{
    uint8_t octet = digits->octets.at[index / 2];

    return index % 2 == 0 ? octet >> 4 : octet & 0xF;
}

static size_t count_digits(const struct digits *digits)
{
    size_t count = 2 * digits->octets.length;

    if (count > 0 && half_octet(digits, count - 1) == PAD)
        count--;
    return count;
}

/* The caller has checked that there are enough. */
static uint32_t read_digits(struct digits *digits, size_t count)
{
    uint32_t number = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned digit = half_octet(digits, digits->next++);

        digits->failed |= digit > 9;
        number = number * 10 + digit;
    }
    return number;
}

static enum nsap_error read_address(struct digits *digits, uint8_t address[4])
{
    for (size_t i = 0; i < 4; i++) {
        uint32_t part = read_digits(digits, ADDRESS_DIGITS / 4);

        if (part > UINT8_MAX)
            return digits->failed ? NSAP_DIGIT : NSAP_ADDRESS;
        address[i] = (uint8_t)part;
    }
    return NSAP_OK;
}

static enum nsap_error read_port(struct digits *digits, uint16_t *port)
{
    uint32_t number = read_digits(digits, NUMBER_DIGITS);

    if (number > UINT16_MAX)
        return digits->failed ? NSAP_DIGIT : NSAP_RANGE;
    *port = (uint16_t)number;
    return NSAP_OK;
}

enum nsap_error nsap_decode(struct octets nsap, struct nsap_inet *inet)
{
    struct digits digits = {.octets = octets_after(nsap, sizeof prefix)};
    size_t count = count_digits(&digits);
    enum nsap_error error;

    *inet = (struct nsap_inet){.port = NSAP_PORT, .set = NSAP_SET_TCP};
    if (!octets_equal(octets_front(nsap, sizeof prefix),
                      octets_of(prefix, sizeof prefix)))
        return NSAP_FOREIGN;
    if (count != ADDRESS_DIGITS && count != ADDRESS_DIGITS + NUMBER_DIGITS &&
        count != ADDRESS_DIGITS + 2 * NUMBER_DIGITS)
        return NSAP_LENGTH;
    error = read_address(&digits, inet->address);
    inet->has_port = digits.next < count;
    if (error == NSAP_OK && inet->has_port)
        error = read_port(&digits, &inet->port);
    inet->has_set = digits.next < count;
    if (error == NSAP_OK && inet->has_set)
        error = read_port(&digits, &inet->set);
    if (error == NSAP_OK && digits.failed)
        error = NSAP_DIGIT;
    return error;
}

/* Appends the digits of `number` to `text`, most significant first. */
static size_t put_digits(uint8_t *text, uint32_t number, size_t count)
{
    for (size_t i = count; i > 0; i--) {
        text[i - 1] = (uint8_t)(number % 10);
        number /= 10;
    }
    return count;
}

enum nsap_error nsap_encode(struct octet_writer *writer, const struct nsap_inet *inet)
{
    uint8_t digits[ADDRESS_DIGITS + 2 * NUMBER_DIGITS + 1];
    size_t count = 0;

    for (size_t i = 0; i < 4; i++)
        count += put_digits(digits + count, inet->address[i], ADDRESS_DIGITS / 4);
    if (inet->has_port)
        count += put_digits(digits + count, inet->port, NUMBER_DIGITS);
    if (inet->has_port && inet->has_set)
        count += put_digits(digits + count, inet->set, NUMBER_DIGITS);
    if (count % 2 != 0)
        digits[count++] = PAD;

    write_octets(writer, octets_of(prefix, sizeof prefix));
    for (size_t i = 0; i < count; i += 2)
        write_octet(writer, (uint8_t)(digits[i] << 4 | digits[i + 1]));
    return writer->failed ? NSAP_ROOM : NSAP_OK;
}

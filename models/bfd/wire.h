/* The BFD control packet on the wire (RFC 5880 section 4.1):
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     |Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
 *     |                       My Discriminator                        |
 *     |                      Your Discriminator                       |
 *     |                    Desired Min TX Interval                    |
 *     |                   Required Min RX Interval                    |
 *     |                 Required Min Echo RX Interval                 |
 *
 * and, if the A bit is set, an authentication section after it. */

#ifndef HS_BFD_WIRE_H
#define HS_BFD_WIRE_H

#define BFD_VERSION 1

/* First octet */
#define BFD_VERSION_SHIFT 5
#define BFD_DIAG_MASK     0x1f

/* Second octet */
#define BFD_STATE_SHIFT      6
#define BFD_FLAG_POLL        0x20
#define BFD_FLAG_FINAL       0x10
#define BFD_FLAG_INDEPENDENT 0x08 /* control plane independent (C) */
#define BFD_FLAG_AUTH        0x04
#define BFD_FLAG_DEMAND      0x02
#define BFD_FLAG_MULTIPOINT  0x01

#define BFD_HEADER_LENGTH    24 /* the mandatory section */
#define BFD_AUTH_MIN_LENGTH  26 /* with the smallest authentication section */
#define BFD_LENGTH_OFFSET    3
#define BFD_YOUR_OFFSET      8

#endif

/** A small server for one machine: who may ask, how much, and how answers are sent. */
@NullMarked
package dev.keralens.web.http;

import org.jspecify.annotations.NullMarked;

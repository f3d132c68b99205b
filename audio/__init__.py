"""Everything that touches sound: capture, segmentation, recognition, the voice and the loudspeaker.

All PCM inside this room is mono ``int16`` numpy arrays of shape ``(samples,)``; the microphone side is 16 000 Hz, the
voice side carries its own rate beside the samples.
"""

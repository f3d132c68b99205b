"""The board of the square, and templates that ask something"""
import sqlalchemy as sa
from alembic import op

import hub.db.columns

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('board',
    sa.Column('village_id', sa.String(length=18), nullable=False),
    sa.Column('path', sa.String(length=40), nullable=True),
    sa.Column('place', sa.String(length=6), nullable=False),
    sa.Column('changed_at', hub.db.columns.Utc(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['village_id'], ['village.id'], name=op.f('fk_board_village_id')),
    sa.PrimaryKeyConstraint('village_id', name=op.f('pk_board')),
    sa.UniqueConstraint('path', name=op.f('uq_board_path'))
    )
    op.add_column('template', sa.Column('priority', sa.String(length=80), server_default='ordinary', nullable=False))
    op.add_column('template', sa.Column('question', sa.String(length=200), server_default='', nullable=False))
    op.add_column('template', sa.Column('choices', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('template', sa.Column('repeat', sa.String(length=80), server_default='', nullable=False))


def downgrade() -> None:
    for name in ('priority', 'question', 'choices', 'repeat'):
        op.drop_column('template', name)
    op.drop_table('board')
